import { expect, it } from 'vitest'
import { contradictions, createLedger, lostRows, unfinished } from './acknowledged.ts'
import type { FoundRun } from './words.ts'

/** A run in which one stage was interrupted once. */
const whole: FoundRun = {
  kind: 'found',
  run: 'r1',
  status: 'completed',
  events: [
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ],
  log: [[1, 'x']],
  completions: ['stage-completed first', 'run-completed'],
  attempts: [
    ['first', 1, 'interrupted'],
    ['first', 2, 'completed'],
  ],
  begun: [['first', 2]],
}
const changed = (change: Partial<FoundRun>): FoundRun[] => [{ ...whole, ...change }]

const ledger = createLedger()
ledger.add({ kind: 'made', run: 'r1' })
ledger.add({ kind: 'written', what: 'event', run: 'r1', row: [2, 'b'] })
ledger.add({ kind: 'written', what: 'log', run: 'r1', row: [1, 'x'] })

it('nothing is said of a run that has all that was acknowledged, and more', () => {
  expect([...lostRows([whole], ledger), ...contradictions([whole]), ...unfinished([whole])]).toEqual([])
})

it.each<[string, FoundRun[], string[]]>([
  ['a run', [], ['run r1 is gone', 'r1 event 2 is gone', 'r1 log 1 is gone']],
  ['the last events', changed({ events: [[1, 'a']] }), ['r1 event 2 is gone']],
  ['a chunk of log', changed({ log: [] }), ['r1 log 1 is gone']],
  [
    'the content of an event',
    changed({
      events: [
        [1, 'a'],
        [2, 'other'],
      ],
    }),
    ['r1 event 2 is another one'],
  ],
])('what was acknowledged and is lost is named: %s', (_what, found, lost) => {
  expect(lostRows(found, ledger)).toEqual(lost)
})

it.each<[string, Partial<FoundRun>, string]>([
  [
    'a gap between events',
    {
      events: [
        [1, 'a'],
        [3, 'c'],
      ],
    },
    'events are numbered 1 3',
  ],
  [
    'an event that is there twice',
    {
      events: [
        [1, 'a'],
        [2, 'b'],
        [2, 'b'],
      ],
    },
    'events are numbered 1 2 2',
  ],
  ['a log that begins late', { log: [[2, 'x']] }, 'log are numbered 2'],
  ['a stage that completed twice', { completions: ['stage-completed first', 'stage-completed first'] }, 'there twice'],
  [
    'an attempt that was executed twice',
    {
      begun: [
        ['first', 2],
        ['first', 2],
      ],
    },
    'executed twice',
  ],
  ['an execution that is not on record', { begun: [['first', 3]] }, 'attempt 3 of first'],
  [
    'a completed stage that was tried again',
    {
      attempts: [
        ['first', 1, 'completed'],
        ['first', 2, 'running'],
      ],
    },
    'tried again',
  ],
])('a contradiction is found: %s', (_what, change, fault) => {
  expect(contradictions(changed(change)).join('\n')).toContain(fault)
})

it.each<[string, Partial<FoundRun>]>([
  ['a run that still runs', { status: 'running' }],
  ['a completed run without its event', { completions: ['stage-completed first'] }],
  ['a stage whose last attempt did not complete', { attempts: [['first', 1, 'interrupted']] }],
])('an end that is none is seen: %s', (_what, change) => {
  expect(unfinished(changed(change))).not.toEqual([])
})
