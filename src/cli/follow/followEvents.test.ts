import { expect, it } from 'vitest'
import type { RunDetail } from '../../contract/runs.ts'
import type { Client } from '../client/client.ts'
import { followEvents } from './followEvents.ts'
import type { RunEvent } from '../../contract/events.ts'

const event = (seq: number, type: RunEvent['type']): RunEvent => ({
  run: 'r1',
  subject: { kind: 'cluster', name: 'demo' },
  seq,
  at: '2026-01-01T00:00:00Z',
  type,
  stage: null,
  attempt: null,
  host: null,
  message: type,
  data: null,
})
const run = (status: RunDetail['status'], seq: number): RunDetail => ({
  id: 'r1',
  subject: { kind: 'cluster', name: 'demo' },
  title: 'Apply demo',
  status,
  executed: true,
  plan_hash: 'a',
  pending_hash: null,
  desired_version: 1,
  approved_by: 'me',
  accepted: [],
  cancel_requested: false,
  error: null,
  superseded_by: null,
  seq,
  created: '',
  started: null,
  ended: null,
  stages: [],
  pending_plan: null,
})

/** A server on which the run is as it is said to be, and that has told all these events. */
async function followed(now: RunDetail, events: readonly RunEvent[]): Promise<number[]> {
  const client: Client = {
    get: async (_path, shape) => shape.parse(now),
    look: () => Promise.reject(new Error('not asked')),
    post: () => Promise.reject(new Error('nothing is asked for')),
    text: () => Promise.reject(new Error('nothing is asked for')),
    async stream(path) {
      const after = Number(/after=(\d+)/.exec(path)?.[1])
      return (async function* () {
        for (const one of events) if (one.seq > after) yield Buffer.from(`data: ${JSON.stringify(one)}\n\n`)
      })()
    },
  }
  const seen: number[] = []
  for await (const { seq } of followEvents(client, 'r1', 0, AbortSignal.timeout(5_000))) seen.push(seq)
  return seen
}

const paused = [event(1, 'run-started'), event(2, 'run-awaiting-approval')]

it('ends at the pause at which the run waits', async () => {
  expect(await followed(run('awaiting_approval', 2), paused)).toEqual([1, 2])
})

it('goes on behind a pause that was approved long ago', async () => {
  const approved = [...paused, event(3, 'run-approved'), event(4, 'run-started')]
  expect(await followed(run('completed', 5), [...approved, event(5, 'run-completed')])).toEqual([1, 2, 3, 4, 5])
  const again = [...approved, event(5, 'run-awaiting-approval')]
  expect(await followed(run('awaiting_approval', 5), again)).toEqual([1, 2, 3, 4, 5])
})
