import { ancestors, inOrder } from './graph.ts'
import { createObservations } from './observations.ts'
import { attemptName, type EngineLimits, type EnginePorts } from './ports.ts'
import type { NewEvent, RunRecord, StageChange, StageRecord } from './records.ts'
import type { LiveRun, LiveStage } from './runState.ts'
import { createRunWriter, type HeldLease, type RunWriter, underLease } from './runWriter.ts'
import { scheduleStages } from './scheduleStages.ts'
import { failWith, finishRun } from './finishRun.ts'
import { Stopped, stopReason } from './stopping.ts'

export interface RunToExecute {
  readonly run: string
  readonly held: HeldLease
  /** Aborted with a `Stopped`, also when the lease is lost. */
  readonly signal: AbortSignal
  readonly ports: EnginePorts
  readonly limits: EngineLimits
  slot<T>(work: () => Promise<T>): Promise<T>
}

/**
 * Executes a claimed run until it ends, pauses or is stopped. What it leaves `running` (a stopped worker, a lost
 * lease) is what the next worker takes over.
 * @throws Stopped when the lease was lost.
 */
export async function executeRun(work: RunToExecute): Promise<void> {
  const { ports, held } = work
  const record = await underLease(held, () => ports.records.readRun(work.run))
  const stored = await underLease(held, () => ports.records.readStages(work.run))
  const writer = createRunWriter(ports.records, work.run, held, ports.redact)
  const stages = new Map<string, LiveStage>()
  try {
    if (record.status === 'queued')
      await writer.write({
        run: { step: 'start' },
        events: [{ type: 'run-started', message: record.title, data: { worker: held.lease.worker } }],
      })
    for (const stage of stored) stages.set(stage.key, bindStored(stage, ports))
    if (record.status === 'running') await takeOver(work, record, stages, stored, writer)
    const run: LiveRun = {
      record,
      held,
      ports,
      limits: work.limits,
      writer,
      stages,
      above: ancestors(inOrder(stored)),
      observations: createObservations(),
      signal: work.signal,
      beyond: new Map(),
      slot: work.slot,
    }
    await scheduleStages(run)
    held.lost.throwIfAborted()
    if (stopReason(work.signal) !== 'worker-stops') await finishRun(run)
  } catch (error) {
    if (held.lost.aborted || error instanceof Stopped) throw error
    await failWith({ writer, stages }, error)
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
  }
}

/**
 * Another worker had begun this run and is gone: what it left running is ended, here and (by the fence) on the
 * hosts, before anything new begins.
 */
async function takeOver(
  work: RunToExecute,
  record: RunRecord,
  stages: ReadonlyMap<string, LiveStage>,
  stored: readonly StageRecord[],
  writer: RunWriter,
): Promise<void> {
  const { ports, held } = work
  const interrupted = stored.filter(stage => stage.status === 'running')
  let ended = 0
  for (const stage of interrupted)
    ended += await ports.children.end({ attempt: attemptName(record.id, stage.key, stage.attempts) })
  const unfinished = [...stages.values()].filter(stage => stage.status === 'waiting' || stage.status === 'running')
  const hosts = [...new Set(unfinished.flatMap(stage => stage.bound?.hosts ?? []))]
  await ports.onTakeover(record.cluster, { epoch: held.lease.epoch, number: held.lease.number }, hosts, work.signal)
  await writer.write({
    run: { step: 'take-over' },
    stages: interrupted.map(
      (stage): StageChange => ({
        key: stage.key,
        step: 'interrupt',
        attempt: { number: stage.attempts, status: 'interrupted' },
      }),
    ),
    events: [
      {
        type: 'run-taken-over',
        message: `goes on after its worker ended (${interrupted.length} stages were running)`,
        data: { worker: held.lease.worker, children_ended: ended },
      },
      ...interrupted.map(
        (stage): NewEvent => ({
          type: 'stage-waiting',
          stage: stage.key,
          attempt: stage.attempts,
          message: 'its attempt was interrupted',
        }),
      ),
    ],
  })
  for (const { key } of interrupted) {
    const stage = stages.get(key)
    if (stage) stage.status = 'waiting'
  }
}
