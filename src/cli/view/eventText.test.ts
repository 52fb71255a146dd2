import { describe, expect, it } from 'vitest'
import { eventText, type Told } from './eventText.ts'

const hash = 'abcdef0123456789'

describe('an event is told by its data', () => {
  it.each<[Told['type'], string, Told['data'], string]>([
    [
      'task',
      'Write the configuration',
      { outcome: 'changed', seconds: 0.44 },
      'Write the configuration: changed in 0.4 s',
    ],
    [
      'task',
      'Write the configuration',
      { outcome: 'unreachable', seconds: null },
      'Write the configuration: unreachable',
    ],
    ['progress', 'waits', null, 'waits'],
    [
      'run-queued',
      'Install demo',
      { hash, by: 'me', accepted: [], warnings: 0 },
      'Install demo (plan abcdef012345, approved by me)',
    ],
    [
      'run-taken-over',
      'm',
      { worker: 'w', children_ended: 2, interrupted: ['a', 'b'] },
      'goes on after its worker ended or gave it up; stages that were running: 2',
    ],
    ['run-approved', 'm', { hash, by: 'me', stages: [] }, 'plan abcdef012345 approved by me'],
    ['run-resumed', 'm', { by: 'me', as_planned: true, stages: [] }, 'resumed by me, as planned'],
    ['run-cancel-requested', 'm', { by: 'me' }, 'cancel asked for by me'],
    ['run-cancelled', 'm', { by: 'me' }, 'cancelled by me before it went on'],
    ['run-cancelled', 'm', { by: null }, 'cancelled; it can be resumed'],
    ['run-superseded', 'm', { by: 'r2' }, 'superseded by run r2'],
    [
      'run-superseded',
      'm',
      { by: null, hash, approved_by: 'me' },
      'settled: plan abcdef012345 of me finds nothing left to do',
    ],
    ['stage-started', 'Join m2', { executes: true }, 'Join m2'],
    ['stage-started', 'Join m2', { executes: false }, 'Join m2: done, until it is ready'],
    ['stage-waiting', 'm', { why: 'resumed' }, 'resumed'],
    ['stage-waiting', 'm', { why: 'interrupted' }, 'its attempt was interrupted'],
    ['stage-waiting', 'm', { why: 'needs-approval', reason: 'm2 is new' }, 'needs a new approval: m2 is new'],
    ['stage-cancelled', 'm', { began: false }, 'cancelled before it began'],
    ['stage-blocked', 'm', { needs: ['a', 'b'] }, 'needs a, b'],
    ['stage-blocked', 'the run ended before its turn', { needs: [] }, 'the run ended before its turn'],
    ['host-result', 'm', { outcome: 'failed', reason: 'the disk is full' }, 'the disk is full'],
    ['host-result', 'm', { outcome: 'ok', reason: null }, 'ok'],
  ])('%s', (type, message, data, text) => {
    expect(eventText({ type, message, data })).toBe(text)
  })

  it('stage-retried and run-awaiting-approval', () => {
    const error = { code: 'internal', message: 'no route', remedy: 'r', causes: [], findings: [], facts: {} }
    expect(eventText({ type: 'stage-retried', message: 'm', data: { ...error, wait_s: 2.5 } })).toBe(
      'again in 2.5 s: no route',
    )
    const skip = { kind: 'skip', reason: 'there' }
    const stages = ['a', 'b'].map(title => ({
      stage: title,
      title: `Do ${title}`,
      approved: null,
      now: skip,
      more: [],
    }))
    expect(eventText({ type: 'run-awaiting-approval', message: 'm', data: { hash, stages } })).toBe(
      'more would be done than was approved (Do a; Do b): approve plan abcdef012345',
    )
  })
})

it.each<[Told['type'], Told['data']]>([
  ['run-queued', { hash, accepted: [], warnings: 0 }],
  ['run-taken-over', { worker: 'w', children_ended: 0 }],
  ['run-awaiting-approval', { hash, stages: [{ stage: 'a', approved: null, now: null, more: [] }] }],
  ['run-approved', { hash, stages: [] }],
  ['run-resumed', { stages: [] }],
  ['run-cancel-requested', null],
  ['run-cancelled', null],
  ['run-superseded', { by: null }],
  ['stage-started', null],
  ['stage-retried', { code: 'internal' }],
  ['stage-waiting', null],
  ['stage-cancelled', null],
  ['host-result', { outcome: 'failed' }],
])('one that an earlier version recorded is told by its message: %s', (type, data) => {
  expect(eventText({ type, message: 'as it was', data })).toBe('as it was')
})
