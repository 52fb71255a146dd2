import { type Finding, SlipwayError } from '../../domain/errors.ts'
import { withoutHost } from '../../domain/withoutHost.ts'
import { cancelled } from './cancelled.ts'
import { changeIdentity, makePlan } from '../plan/plan.ts'
import { plannedDecision } from '../plan/plannedDecision.ts'
import type { NewEvent, StageChange, StageRecord, StoredError } from '../contract/records.ts'
import type { StageStatus } from '../../contract/events.ts'
import type { LiveRun, LiveStage } from './runState.ts'
import { type LetGo, letGo } from './letGo.ts'
import { underLease } from './runWriter.ts'
import type { Decision } from '../contract/stage.ts'
import { stopReason } from '../contract/stopping.ts'
import { errorData, storedError } from './storedError.ts'
import type { PlannedDecision, PlannedStage } from '../../contract/plan.ts'
import type { Json } from '../../contract/json.ts'

/** Stages that end together in one write. */
const page = 200

/** What is needed to end a run, also one whose stages could not be bound. */
export type EndedRun = Pick<LiveRun, 'record' | 'ports' | 'held' | 'writer'>

/** Nothing is under way any more: the run ends, or waits for a new approval. The lease goes back with it. */
export async function finishRun(run: LiveRun): Promise<void> {
  const stages = [...run.stages.values()]
  if (stopReason(run.signal) === 'cancelled') return endCancelled(run, letGoIn(run))
  if (run.beyond.size > 0) return pause(run)
  const missed = stages.filter(({ status }) => status === 'failed' || status === 'blocked')
  if (missed.some(stage => !stage.request.optional)) return fail(run)
  const open = stages.filter(stage => !isSettled(stage.status))
  if (open.length > 0)
    throw new Error(
      `run ${run.record.id} has nothing left to do, but ${open.map(stage => stage.request.key).join(', ')} did not end`,
    )
  await run.writer.write({
    run: { step: 'complete', error: missed.length > 0 ? await withoutThem(run) : null },
    events: [completed(run, missed)],
    changes: {
      list: stages.flatMap(stage => stage.bound?.records?.runCompleted ?? []),
      attempt: `${run.record.id}/completed`,
    },
    release: true,
  })
}

const isSettled = (status: StageStatus): boolean =>
  status === 'completed' || status === 'skipped' || status === 'failed' || status === 'blocked'

const completed = ({ record: { title } }: LiveRun, missed: readonly LiveStage[]): NewEvent =>
  missed.length === 0
    ? { type: 'run-completed', message: title }
    : {
        type: 'run-completed',
        message: `${title}, without ${missed.map(({ request }) => request.title).join(', ')}`,
        data: { without: missed.map(({ request: { key } }) => key) },
      }

/** What a run has to say that has completed without what may fail. */
async function withoutThem(run: LiveRun): Promise<StoredError> {
  const stages = await readStages(run)
  const failed = stages.filter(({ status }) => status === 'failed')
  const blocked = stages.filter(({ status }) => status === 'blocked').map(({ title }) => title)
  const each = failed.map(({ title, error }) => `${title}: ${error?.message ?? 'failed'}`)
  const rest = blocked.length === 0 ? [] : [`left out with that: ${blocked.join(', ')}`]
  return {
    ...storedError(new SlipwayError('optional-failed', [...each, ...rest].join('; '))),
    findings: foundIn(failed),
  }
}

/** The engine itself failed in the middle: the run ends as failed, with whatever is on record as running. */
export async function failWith(run: EndedRun, thrown: unknown): Promise<void> {
  const error = storedError(thrown)
  const stages = await readStages(run)
  const waiting = stages.filter(stage => stage.status === 'waiting')
  const reason = 'the run ended before its turn'
  await run.writer.write({
    run: { step: 'fail', error },
    stages: [
      ...stages
        .filter(stage => stage.status === 'running')
        .map(
          (stage): StageChange => ({
            key: stage.key,
            step: 'fail',
            error,
            attempt: { number: stage.attempts, status: 'failed', error },
          }),
        ),
      ...waiting.map(({ key }): StageChange => ({ key, step: 'block', reason })),
    ],
    events: [
      ...waiting.map(
        ({ key }): NewEvent => ({ type: 'stage-blocked', stage: key, message: reason, data: { needs: [] } }),
      ),
      { type: 'run-failed', message: error.message, data: errorData(error) },
    ],
    release: true,
  })
}

/** Whatever did not end is cancelled with the run; none of its children is left, and what had begun lets go. */
export async function endCancelled(
  run: EndedRun,
  letGoOf: (key: string) => Promise<LetGo> = heldNothing,
): Promise<void> {
  const open = (await readStages(run)).flatMap(cancelled)
  for (let start = 0; start < open.length; start += page) {
    const stages = open.slice(start, start + page)
    const ended = await Promise.all(stages.map(async stage => ({ ...stage, ...(await letGoOf(stage.key)) })))
    const events = ended.map(
      ({ key, attempt, kept }): NewEvent => ({
        type: 'stage-cancelled',
        stage: key,
        message: 'cancelled',
        data: { began: attempt !== undefined, kept },
      }),
    )
    const list = ended.flatMap(({ changes }) => changes)
    await run.writer.write({ stages, events, changes: { list, attempt: `${run.record.id}/cancelled` } })
  }
  await run.writer.write({
    run: { step: 'cancel' },
    events: [{ type: 'run-cancelled', message: 'cancelled', data: { by: null } }],
    release: true,
  })
}

const heldNothing = async (): Promise<LetGo> => ({ changes: [], kept: null })

/** What an earlier worker had begun. */
const letGoIn =
  (run: LiveRun) =>
  async (key: string): Promise<LetGo> => {
    const stage = run.stages.get(key)
    return stage ? letGo(run, stage, 'cancelled') : heldNothing()
  }

const readStages = ({ held, ports, record }: EndedRun): Promise<StageRecord[]> =>
  underLease(held, () => ports.records.readStages(record.id))

async function fail(run: LiveRun): Promise<void> {
  const failed = (await readStages(run)).filter(stage => stage.status === 'failed')
  const first = failed.find(({ optional }) => !optional) ?? failed[0]
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more)` : ''
  const message = `${first?.title ?? 'a stage'}: ${first?.error?.message ?? 'failed'}${others}`
  // The run tells the first error whole, with what its host said last; of the others what was found.
  const error: StoredError = {
    ...storedError(new SlipwayError('run-failed', message)),
    ...first?.error,
    code: 'run-failed',
    message,
    findings: failed.length > 1 ? foundIn(failed) : (first?.error?.findings ?? []),
    facts: { ...first?.error?.facts, stage: first?.key ?? null, cause: first?.error?.code ?? null },
  }
  await run.writer.write({
    run: { step: 'fail', error },
    events: [{ type: 'run-failed', message, data: errorData(error) }],
    release: true,
  })
}

/** What all failed stages found, each finding once; a stage that found nothing in particular is one itself. */
function foundIn(failed: readonly StageRecord[]): Finding[] {
  const all = failed.flatMap(({ key, error }): readonly Finding[] => {
    if (error === null) return []
    if (error.findings.length > 0) return error.findings
    const { code, message, remedy, facts } = error
    const { host } = facts
    if (typeof host !== 'string') return [{ name: code, severity: 'error', about: `stage ${key}`, message, remedy }]
    // Whom it is about is said before it: what is the same of several hosts can then be told once.
    return [{ name: code, severity: 'error', about: `node ${host}`, message: withoutHost(message, host), remedy }]
  })
  return [...new Map(all.map(one => [JSON.stringify([one.name, one.about, one.message]), one])).values()]
}

/** Puts the plan together that would have to be approved now, and says where it differs from the approved one. */
async function pause(run: LiveRun): Promise<void> {
  const approved = await underLease(run.held, () => run.ports.records.findPlan(run.record.plan_hash))
  const replanned = (stage: PlannedStage): PlannedStage => {
    const now = run.beyond.get(stage.key)
    const live = run.stages.get(stage.key)
    return { ...stage, decision: now ? plannedDecision(now) : (live?.approved ?? stage.decision), after: [], unmet: [] }
  }
  const plan = makePlan({
    subject: approved.subject,
    title: approved.title,
    desired_version: approved.desired_version,
    ...(approved.operation && { operation: approved.operation }),
    stages: approved.stages.map(replanned),
  })
  await underLease(run.held, () => run.ports.records.savePlan(plan, `run ${run.record.id}`))
  const stages = [...run.beyond].map(([key, now]) => {
    const live = run.stages.get(key)
    const approved = live?.approved ?? null
    return {
      stage: key,
      title: live?.request.title ?? key,
      approved,
      now: plannedDecision(now),
      more: added(approved, now),
    }
  })
  const written = run.writer.write({
    run: { step: 'pause', pendingHash: plan.hash },
    events: [
      {
        type: 'run-awaiting-approval',
        message: 'more would be done than was approved',
        data: { hash: plan.hash, stages },
      },
    ],
    release: true,
  })
  await written.catch(async (refused: unknown) => {
    // A cancel that was asked for in the last moment would be forgotten by a pause.
    const { cancel_requested } = await underLease(run.held, () => run.ports.records.readRun(run.record.id))
    if (!cancel_requested) throw refused
    await endCancelled(run, letGoIn(run))
  })
}

/** Changes that the approved decision does not name. */
function added(approved: PlannedDecision | null, now: Decision): Json {
  if (now.kind !== 'run') return []
  const known = new Set(approved?.kind === 'run' ? approved.changes.map(changeIdentity) : [])
  return now.changes.filter(change => !known.has(changeIdentity(change))).map(change => plain(change))
}

/** As JSON, without what is undefined. */
const plain = (value: object): Json => JSON.parse(JSON.stringify(value))
