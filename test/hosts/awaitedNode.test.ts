import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { remoteProgram } from '../../src/hosts/python.ts'

/** What is said of an API server that is not ready, with the functions that the hosts are sent. */
function said(body: string): unknown {
  const script = `${remoteProgram('look.py', 'api.py')}\nimport sys\nprint(json.dumps(unready(json.loads(${JSON.stringify(JSON.stringify(body))}))))`
  return JSON.parse(execFileSync('python3', ['-I', '-S', '-'], { input: script, encoding: 'utf8' }))
}

const checks = Array.from({ length: 30 }, (_, index) => `[+]poststarthook/number-${index} ok`)

it.each([
  [
    'the checks that failed, and none that did not',
    [
      ...checks,
      '[-]autoregister-completion failed: reason withheld',
      ...checks,
      '[-]etcd failed: reason withheld',
      'readyz check failed',
    ].join('\n'),
    'not ready yet: autoregister-completion, etcd',
  ],
  ['what it answers where it names none', 'leaderelection\n  lost', 'not ready yet: leaderelection lost'],
])('says %s', (_what, body, words) => {
  expect(said(body)).toBe(words)
})

it('shows where a long answer was cut, and cuts it at its end only', () => {
  expect(said(`begins ${'x'.repeat(1000)} ends`)).toMatch(/^not ready yet: begins x+…$/)
})
