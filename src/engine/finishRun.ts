import { type ErrorDetails, SlipwayError } from '../domain/errors.ts'
import { shortHash } from './canonical.ts'
import { changeIdentity, makePlan, type PlannedDecision, type PlannedStage } from './plan.ts'
import type { NewEvent, StageChange } from './records.ts'
import type { LiveRun } from './runState.ts'
import { underLease } from './runWriter.ts'
import type { Decision, Json } from './stage.ts'
import { stopReason } from './stopping.ts'
import { errorData, storedError } from './storedError.ts'

/** Stages that end together in one write. */
const page = 200

/** Nothing is under way any more: the run ends, or waits for a new approval. The lease goes back with it. */
export async function finishRun(run: LiveRun): Promise<void> {
  const stages = [...run.stages.values()]
  if (stopReason(run.signal) === 'cancelled') {
    await cancelWaiting(run)
    return run.writer.write({
      run: { step: 'cancel' },
      events: [{ type: 'run-cancelled', message: 'cancelled; resume it, or apply anew' }],
      release: true,
    })
  }
  if (run.beyond.size > 0) return pause(run)
  const failed = stages.filter(stage => stage.status === 'failed')
  if (failed.length > 0) return fail(run)
  const open = stages.filter(stage => stage.status !== 'completed' && stage.status !== 'skipped')
  if (open.length > 0)
    throw new Error(
      `run ${run.record.id} has nothing left to do, but ${open.map(stage => stage.request.key).join(', ')} did not end`,
    )
  await run.writer.write({
    run: { step: 'complete', error: null },
    events: [{ type: 'run-completed', message: run.record.title }],
    release: true,
  })
}

/** The engine itself failed in the middle: the run ends as failed, with whatever was under way. */
export async function failWith(run: Pick<LiveRun, 'writer' | 'stages'>, thrown: unknown): Promise<void> {
  const error = storedError(thrown)
  const running = [...run.stages.values()].filter(stage => stage.status === 'running')
  await run.writer.write({
    run: { step: 'fail', error },
    stages: running.map(
      (stage): StageChange => ({
        key: stage.request.key,
        step: 'fail',
        error,
        attempt: { number: stage.attempts, status: 'failed', error },
      }),
    ),
    events: [{ type: 'run-failed', message: error.message, data: errorData(error) }],
    release: true,
  })
}

async function cancelWaiting(run: LiveRun): Promise<void> {
  const waiting = [...run.stages.values()].filter(stage => stage.status === 'waiting')
  for (let start = 0; start < waiting.length; start += page) {
    const keys = waiting.slice(start, start + page).map(stage => stage.request.key)
    await run.writer.write({
      stages: keys.map((key): StageChange => ({ key, step: 'cancel' })),
      events: keys.map((stage): NewEvent => ({ type: 'stage-cancelled', stage, message: 'cancelled before it began' })),
    })
  }
}

async function fail(run: LiveRun): Promise<void> {
  const records = await underLease(run.held, () => run.ports.records.readStages(run.record.id))
  const failed = records.filter(stage => stage.status === 'failed')
  const first = failed[0]
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more)` : ''
  const details: ErrorDetails = {
    ...(first?.error && { remedy: first.error.remedy, findings: first.error.findings }),
    facts: { stage: first?.key ?? null, cause: first?.error?.code ?? null },
  }
  const message = `${first?.title ?? 'a stage'}: ${first?.error?.message ?? 'failed'}${others}`
  const error = { ...storedError(new SlipwayError('run-failed', message, details)), causes: first?.error?.causes ?? [] }
  await run.writer.write({
    run: { step: 'fail', error },
    events: [{ type: 'run-failed', message, data: errorData(error) }],
    release: true,
  })
}

/** Puts the plan together that would have to be approved now, and says where it differs from the approved one. */
async function pause(run: LiveRun): Promise<void> {
  const approved = await underLease(run.held, () => run.ports.records.findPlan(run.record.plan_hash))
  const replanned = (stage: PlannedStage): PlannedStage => {
    const now = run.beyond.get(stage.key)
    const live = run.stages.get(stage.key)
    return { ...stage, decision: now ? planned(now) : (live?.approved ?? stage.decision), after: [], unmet: [] }
  }
  const plan = makePlan({
    cluster: approved.cluster,
    title: approved.title,
    desired_version: approved.desired_version,
    stages: approved.stages.map(replanned),
  })
  await underLease(run.held, () => run.ports.records.savePlan(plan, `run ${run.record.id}`))
  const difference = [...run.beyond].map(([key, now]): Json => {
    const before = run.stages.get(key)?.approved
    return { stage: key, approved: before ? plain(before) : null, now: plain(now), more: added(before, now) }
  })
  const keys = [...run.beyond.keys()].join(', ')
  await run.writer.write({
    run: { step: 'pause', pendingHash: plan.hash },
    events: [
      {
        type: 'run-awaiting-approval',
        message: `more would be done than was approved (${keys}): approve plan ${shortHash(plan.hash)}`,
        data: { hash: plan.hash, stages: difference },
      },
    ],
    release: true,
  })
}

const planned = (decision: Decision): PlannedDecision => {
  switch (decision.kind) {
    case 'run':
      return { ...decision, changes: [...decision.changes] }
    case 'deferred':
      return { ...decision, effects: [...decision.effects] }
    case 'skip':
      return { ...decision }
  }
}

/** Changes that the approved decision does not name. */
function added(approved: PlannedDecision | undefined, now: Decision): Json {
  if (now.kind !== 'run') return []
  const known = new Set(approved?.kind === 'run' ? approved.changes.map(changeIdentity) : [])
  return now.changes.filter(change => !known.has(changeIdentity(change))).map(change => plain(change))
}

/** As JSON, without what is undefined. */
const plain = (value: object): Json => JSON.parse(JSON.stringify(value))
