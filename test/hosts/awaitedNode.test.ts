import { expect, it } from 'vitest'
import { printedBy } from './hostPython.ts'

/** What is said of an API server that is not ready, with the functions that the hosts are sent. */
function said(body: string): unknown {
  return printedBy(
    'from slipway.rke2.api import unready\nprint(json.dumps(unready(json.load(sys.stdin))))',
    JSON.stringify(body),
  )
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
