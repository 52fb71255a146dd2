import { expect, it } from 'vitest'
import type { Interrupted, Run } from '../../contract/runs.ts'
import { unfinishedLine } from './unfinished.ts'

const run = (status: Run['status'], more: Partial<Run> = {}): Run => ({
  id: 'r1',
  subject: { kind: 'cluster', name: 'demo' },
  title: 'Apply demo',
  status,
  executed: null,
  plan_hash: 'a'.repeat(64),
  pending_hash: null,
  desired_version: 1,
  approved_by: 'me',
  accepted: [],
  cancel_requested: false,
  error: null,
  superseded_by: null,
  seq: 1,
  created: '',
  started: null,
  ended: null,
  ...more,
})
const none: Interrupted = { run: null, at: null, differs: null }
const line = (found: Run, interrupted: Interrupted = none, settles: string | null = null) =>
  unfinishedLine(found, interrupted, { accept: ['swap-on'], settles })

it.each([
  ['completed', null],
  ['superseded', null],
  ['queued', 'is under way; until it has ended, apply is refused. Follow it: slipway logs -f r1.'],
  ['running', 'is under way; until it has ended, apply is refused. Follow it: slipway logs -f r1.'],
  ['failed', 'failed; apply puts a new run in its place, and slipway resume r1 goes on with it.'],
  ['cancelled', 'was cancelled; apply puts a new run in its place, and slipway resume r1 goes on with it.'],
] as const)('of a run that is %s', (status, said) => {
  expect(line(run(status))).toBe(said && `Run r1 ${said}`)
})

it('names the approval that a paused run waits for', () => {
  expect(line(run('awaiting_approval', { pending_hash: 'b'.repeat(64) }))).toBe(
    'Run r1 waits for an approval (slipway approve r1 bbbbbbbbbbbb); apply puts a new run in its place.',
  )
})

it.each(['failed', 'cancelled', 'awaiting_approval'] as const)('says that apply settles it: %s', status => {
  expect(line(run(status), none, 'r1')).toMatch(/^Run r1 .*, and nothing of it is left to do: apply settles it\.$/)
})

it.each([
  [null, 'Run r1 was interrupted; apply goes on with it (plan aaaaaaaaaaaa, approved by me).'],
  ['file', 'it does something else than is asked for now: apply asks before it ends it (--supersede r1)'],
  ['acceptance', 'approved with no warning accepted, and this is to be done with --accept swap-on: apply asks'],
] as const)('of one that was interrupted, and differs in %s', (differs, said) => {
  const found = run('running', { executed: false })
  expect(line(found, { run: found, at: null, differs })).toContain(said)
})
