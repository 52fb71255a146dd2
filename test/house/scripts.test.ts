import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, it } from 'vitest'

/** The scripts of a checkout, as somebody meets them who only wants to know what they do. */

const folder = resolve(import.meta.dirname, '../../scripts')
const scripts = readdirSync(folder).filter(name => {
  const path = join(folder, name)
  return statSync(path).isFile() && readFileSync(path, 'utf8').startsWith('#!')
})
const cache = mkdtempSync(join(tmpdir(), 'slipway-scripts-'))
afterAll(() => rmSync(cache, { recursive: true }))

const run = (script: string, ...args: readonly string[]) =>
  spawnSync(join(folder, script), args, { encoding: 'utf8', env: { ...process.env, XDG_CACHE_HOME: cache } })

it.each(scripts.flatMap(name => ['--help', '-h'].map(option => [name, option] as const)))(
  'scripts/%s %s says what it does instead of doing it',
  (script, option) => {
    const { status, stdout, stderr } = run(script, option)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('\n')[0]).toMatch(/^\S.{20,}/)
    expect(stdout).not.toContain('#!')
    expect(readdirSync(cache)).toEqual([])
  },
)

it('scripts/setup begins nothing for a part that there is not', () => {
  const { status, stderr } = run('setup', 'node', 'nonsense')
  expect(status).toBe(2)
  expect(stderr).toContain('unknown part: nonsense; there are: node npm')
  expect(readdirSync(cache)).toEqual([])
})
