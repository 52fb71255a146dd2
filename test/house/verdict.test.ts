import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** The closing line of `make test`. */

const script = resolve(import.meta.dirname, '../../scripts/verdict.ts')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-verdict-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function verdict(passed: number, failed: number, lint: string, code: number, brokenFiles = 0) {
  const report = join(folder, 'report.json')
  const counts = { numPassedTests: passed, numFailedTests: failed, numTotalTests: passed + failed }
  writeFileSync(report, JSON.stringify({ ...counts, numFailedTestSuites: brokenFiles }))
  const { stdout, status } = spawnSync(process.execPath, [script, report, lint, String(code)], { encoding: 'utf8' })
  return [stdout.trim(), status]
}

it.each([
  ['tests alone', verdict.bind(null, 3, 0, 'none', 0), '3 passed, 0 failed', 0],
  ['a lint that passed', verdict.bind(null, 3, 0, 'passed', 0), '4 passed, 0 failed', 0],
  ['a lint that failed', verdict.bind(null, 3, 0, 'failed', 0), 'failed: lint\n3 passed, 1 failed', 1],
  ['a test that failed', verdict.bind(null, 2, 1, 'none', 1), '2 passed, 1 failed', 1],
  ['a file that failed before its tests', verdict.bind(null, 3, 0, 'none', 1, 1), '3 passed, 1 failed', 1],
  ['a runner that failed without a word', verdict.bind(null, 3, 0, 'none', 1), '3 passed, 1 failed', 1],
])('%s is counted for what it is', (_, told, line, code) => {
  expect(told()).toEqual([line, code])
})

it('nothing that ran is no success', () => {
  expect(verdict(0, 0, 'none', 0)).toEqual(['0 passed, 0 failed', 1])
  const { stdout, status } = spawnSync(process.execPath, [script, join(folder, 'none'), 'none', '1'], {
    encoding: 'utf8',
  })
  expect(stdout).toMatch(/left no report[^]*\n0 passed, 1 failed\n$/)
  expect(status).toBe(1)
})

it('what failed is told before it, with the beginning of the reason', () => {
  const [report, reason] = [join(folder, 'report.json'), `Error: expected 1\n${'    at x\n'.repeat(40)}`]
  const passed = { fullName: 'right', status: 'passed' }
  const failed = { fullName: ' wrong', status: 'failed', failureMessages: [reason] }
  const file = (name: string) => join(process.cwd(), 'test', name)
  const testResults = [
    { name: file('a.test.ts'), status: 'failed', assertionResults: [passed, failed] },
    { name: file('b.test.ts'), status: 'failed', message: 'cannot be read', assertionResults: [] },
  ]
  const counts = { numPassedTests: 1, numFailedTests: 1, numTotalTests: 2, numFailedTestSuites: 2 }
  writeFileSync(report, JSON.stringify({ ...counts, testResults }))
  const { stdout } = spawnSync(process.execPath, [script, report, 'failed', '1'], { encoding: 'utf8' })
  const lines = stdout.trim().split('\n')
  expect(lines.slice(0, 2)).toEqual(['failed: test/a.test.ts: wrong', '    Error: expected 1'])
  expect(lines.slice(-4)).toEqual([
    'failed: test/b.test.ts',
    '    cannot be read',
    'failed: lint',
    '1 passed, 2 failed',
  ])
  expect(lines.length).toBeLessThan(20)
})

it('the slowest files are told before it, by the whole time they took', () => {
  const [report, times] = [join(folder, 'report.json'), join(folder, 'times.json')]
  verdict(3, 0, 'none', 0)
  const files = Array.from({ length: 20 }, (_, index) => ({ file: `test/f${index}.test.ts`, seconds: index, tests: 2 }))
  writeFileSync(times, JSON.stringify([...files, { file: 'test/install/slow.test.ts', seconds: 110.4, tests: 12 }]))
  const told = () =>
    spawnSync(process.execPath, [script, report, 'none', '0', times], { encoding: 'utf8' }).stdout.split('\n')
  const lines = told()
  expect(lines.slice(0, 4)).toEqual([
    '',
    'slowest files              seconds  tests',
    'test/install/slow.test.ts      110     12',
    'test/f19.test.ts                19      2',
  ])
  expect(lines.filter(line => line.startsWith('test/'))).toHaveLength(15)
  expect(lines.slice(-3)).toEqual(['', '3 passed, 0 failed', ''])
  rmSync(times)
  expect(told()).toEqual([expect.stringContaining('no table'), '3 passed, 0 failed', ''])
})
