import { SlipwayError } from '../../domain/errors.ts'
import { ancestors, inOrder } from '../plan/graph.ts'
import { createObservations } from '../contract/observations.ts'
import { attemptName, type EngineLimits, type EnginePorts } from '../contract/ports.ts'
import type { NewEvent, RunRecord, StageChange, StageRecord } from '../contract/records.ts'
import type { LiveRun, LiveStage } from './runState.ts'
import { createRunWriter, type HeldLease, underLease } from './runWriter.ts'
import { scheduleStages } from './scheduleStages.ts'
import { type EndedRun, endCancelled, failWith, finishRun } from './finishRun.ts'
import { isDatabaseAway } from '../contract/databaseAway.ts'
import { Stopped, stopReason } from '../contract/stopping.ts'

export interface RunToExecute {
  readonly run: string
  readonly held: HeldLease
  /** Aborted with a `Stopped`, also when the lease is lost. */
  readonly signal: AbortSignal
  readonly ports: EnginePorts
  readonly limits: EngineLimits
  slot<T>(work: () => Promise<T>): Promise<T>
  readonly hold: LiveRun['hold']
}

/**
 * Executes a claimed run until it ends, pauses or is stopped. What it leaves `running` (a stopped worker, a lost
 * lease) is what the next worker takes over.
 * @throws Stopped when the lease was lost.
 */
export async function executeRun(work: RunToExecute): Promise<void> {
  const { ports, held } = work
  const record = await underLease(held, () => ports.records.readRun(work.run))
  if (!isOpen(record)) return
  const writer = createRunWriter(ports.records, work.run, held, ports.redact)
  const end = { record, ports, held, writer }
  // What an earlier worker was asked for holds for this one from the start.
  const signal = record.cancel_requested ? AbortSignal.any([work.signal, cancelledEarlier]) : work.signal
  try {
    if (record.status === 'queued' && !(await start(end))) return
    // Before it has begun somebody may cancel and resume it, which changes its stages.
    const stored = await underLease(held, () => ports.records.readStages(work.run))
    const ended = await endLeftovers(work, stored)
    const stages = new Map(stored.map(stage => [stage.key, bindStored(stage, ports)]))
    if (record.status === 'running') await underLease(held, () => raiseFences(work, record, stages))
    await interrupt(end, stored, stages, ended)
    const run: LiveRun = {
      ...end,
      limits: work.limits,
      stages,
      above: ancestors(inOrder(stored)),
      observations: createObservations(),
      signal,
      beyond: new Map(),
      slot: work.slot,
      hold: work.hold,
    }
    await scheduleStages(run)
    held.lost.throwIfAborted()
    if (stopReason(signal) !== 'worker-stops') await finishRun(run)
  } catch (error) {
    held.lost.throwIfAborted()
    const reason = stopReason(signal)
    // No fault of the run: it stays `running`, and is taken up again as soon as the database answers.
    if (reason === null && isDatabaseAway(error)) return ports.report?.('run left', { run: work.run, error })
    if (reason === 'cancelled') await endCancelled(end)
    else if (reason === null) await failWith(end, error)
  }
}

const cancelledEarlier = AbortSignal.abort(new Stopped('cancelled'))

/** Between the claim and its first write a run can be cancelled from outside. */
const isOpen = ({ status }: RunRecord): boolean => status === 'queued' || status === 'running'

/** False when the run was cancelled just before; somebody may have resumed it since, and then it waits to be claimed again. */
async function start({ record, held, writer }: EndedRun): Promise<boolean> {
  try {
    await writer.write({
      run: { step: 'start' },
      events: [{ type: 'run-started', message: record.title, data: { worker: held.lease.worker } }],
    })
    return true
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'run-state') return false
    throw error
  }
}

/** @throws SlipwayError `stage-unknown`: before anything of the run is begun. */
function bindStored(stored: StageRecord, ports: EnginePorts): LiveStage {
  return {
    request: stored,
    bound: stored.disabled === undefined ? ports.registry.bind(stored) : null,
    status: stored.status,
    approved: stored.decision,
    attempts: stored.attempts,
    recheck: stored.recheck,
    open: new Set(),
  }
}

const isRunning = (stage: StageRecord): boolean => stage.status === 'running'

/** What another worker left running here is ended before anything else: it needs no code of the stages. */
async function endLeftovers({ run, ports }: RunToExecute, stored: readonly StageRecord[]): Promise<number> {
  let ended = 0
  for (const stage of stored.filter(isRunning))
    ended += await ports.children.end({ attempt: attemptName(run, stage.key, stage.attempts) })
  return ended
}

/** Another worker had begun this run and may still reach its hosts: there the fence ends what it does. */
async function raiseFences(
  { ports, held, signal }: RunToExecute,
  record: RunRecord,
  stages: ReadonlyMap<string, LiveStage>,
): Promise<void> {
  const unfinished = [...stages.values()].filter(stage => stage.status === 'waiting' || stage.status === 'running')
  const hosts = [...new Set(unfinished.flatMap(stage => stage.bound?.hosts ?? []))]
  await ports.onTakeover(
    record.subject,
    { epoch: held.lease.epoch, number: held.lease.number },
    hosts,
    AbortSignal.any([held.lost, unlessCancelled(signal)]),
  )
}

/** A cancel wants what is under way on the hosts to end, so it does not stop the raising of fences. */
function unlessCancelled(signal: AbortSignal): AbortSignal {
  const left = new AbortController()
  const leave = (): void => {
    if (stopReason(signal) !== 'cancelled') left.abort(signal.reason)
  }
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  return left.signal
}

/** Stages that were left running wait for their turn again. */
async function interrupt(
  { record, held, writer }: EndedRun,
  stored: readonly StageRecord[],
  stages: ReadonlyMap<string, LiveStage>,
  ended: number,
): Promise<void> {
  const interrupted = stored.filter(isRunning)
  const takenOver: NewEvent[] =
    record.status === 'running'
      ? [
          {
            type: 'run-taken-over',
            message: 'goes on after its worker ended or gave it up',
            data: {
              worker: held.lease.worker,
              children_ended: ended,
              interrupted: interrupted.map(({ key }) => key),
            },
          },
        ]
      : []
  if (takenOver.length + interrupted.length === 0) return
  await writer.write({
    ...(record.status === 'running' && { run: { step: 'take-over' } }),
    stages: interrupted.map(
      (stage): StageChange => ({
        key: stage.key,
        step: 'interrupt',
        attempt: { number: stage.attempts, status: 'interrupted' },
      }),
    ),
    events: [
      ...takenOver,
      ...interrupted.map(
        (stage): NewEvent => ({
          type: 'stage-waiting',
          stage: stage.key,
          attempt: stage.attempts,
          message: 'its attempt was interrupted',
          data: { why: 'interrupted' },
        }),
      ),
    ],
  })
  for (const { key } of interrupted) {
    const stage = stages.get(key)
    if (stage) stage.status = 'waiting'
  }
}
