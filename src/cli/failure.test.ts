import { afterEach, expect, it, vi } from 'vitest'
import { SlipwayError } from '../domain/errors.ts'
import { reportFailure } from './failure.ts'
import { showRunError } from './follow/settleRun.ts'

// Our own colours are not at issue.
vi.stubEnv('NO_COLOR', '1')
vi.stubEnv('FORCE_COLOR', undefined)
const said: string[] = []
vi.spyOn(process.stderr, 'write').mockImplementation(text => said.push(String(text)) > 0)
afterEach(() => void said.splice(0))

/** Takes lines back and writes something else there; the last one is an escape sequence of a single byte. */
const hostile = 'broken\u001b[1A\u001b[2K\r\u0007 all is well\u009b31m'
const harmless = 'broken[1A[2K all is well31m'
const finding = {
  name: 'disk-full',
  severity: 'error',
  about: `node ${hostile}`,
  message: hostile,
  remedy: hostile,
} as const

it.each<[string, () => void]>([
  ['a failure', () => reportFailure(new SlipwayError('host-unreachable', hostile, { remedy: hostile }), false)],
  ['findings', () => reportFailure(new SlipwayError('preflight-failed', 'm1', { findings: [finding] }), false)],
  [
    'the error of a run',
    () =>
      showRunError({
        id: 'r1',
        subject: { kind: 'cluster', name: 'demo' },
        stages: [],
        error: {
          code: 'run-failed',
          message: hostile,
          remedy: hostile,
          causes: [hostile],
          findings: [],
          facts: { journal: `one\n${hostile}\n` },
        },
      }),
  ],
  [
    'the findings of a run',
    () =>
      showRunError({
        id: 'r1',
        subject: { kind: 'cluster', name: 'demo' },
        stages: [],
        error: { code: 'run-failed', message: 'm1', remedy: hostile, causes: [], findings: [finding], facts: {} },
      }),
  ],
])('%s cannot steer the terminal, whatever a host has said', (_name, show) => {
  show()
  expect(said.join('')).toContain(harmless)
  expect(said.join('').replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})

it('a message of several lines is told on one', () => {
  reportFailure(new SlipwayError('usage', 'one\ntwo'), false)
  expect(said).toContain('  one two\n')
})
