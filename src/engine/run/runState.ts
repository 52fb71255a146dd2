import type { StageStatus } from '../../contract/events.ts'
import type { Subject } from '../../domain/subject.ts'
import type { EngineLimits, EnginePorts } from '../contract/ports.ts'
import type { RunRecord } from '../contract/records.ts'
import type { HeldLease, RunWriter } from './runWriter.ts'
import type { BoundStage, Decision, Observations, StageContext, StageRequest } from '../contract/stage.ts'
import type { PlannedDecision } from '../../contract/plan.ts'

/** A stage of the run that is under way, with what is known of it here. */
export interface LiveStage {
  readonly request: StageRequest
  /** Null when it is disabled or over: then no code is needed. */
  readonly bound: BoundStage | null
  status: StageStatus
  approved: PlannedDecision
  attempts: number
  /** Completed earlier; to be looked at once more before anything is built upon it. */
  recheck: boolean
  /** Hosts of a batch that its attempt works on, and that have no result yet. */
  readonly open: Set<string>
  /** What it read from the world after it was done; read at most once. */
  outputs?: Promise<unknown>
}

/** A run that this worker executes. */
export interface LiveRun {
  readonly record: RunRecord
  readonly held: HeldLease
  readonly ports: EnginePorts
  readonly limits: EngineLimits
  readonly writer: RunWriter
  readonly stages: ReadonlyMap<string, LiveStage>
  readonly above: ReadonlyMap<string, ReadonlySet<string>>
  readonly observations: Observations
  /** Aborted with a `Stopped`. */
  readonly signal: AbortSignal
  /** Stages that would do more than was approved; the run pauses because of them. */
  readonly beyond: Map<string, Decision>
  slot<T>(work: () => Promise<T>): Promise<T>
  /** See `holdSubject`. */
  hold(subject: Subject, signal: AbortSignal, waits: () => Promise<void>): Promise<() => Promise<void>>
}

export const isDone = (stage: LiveStage): boolean =>
  (stage.status === 'completed' || stage.status === 'skipped') && !stage.recheck

export function stageContext(run: LiveRun, key: string, signal: AbortSignal): StageContext {
  return {
    signal,
    observations: run.observations,
    async outputsOf(other) {
      if (!run.above.get(key)?.has(other))
        throw new Error(`stage ${key} asks for outputs of ${other} without needing it`)
      const stage = run.stages.get(other)
      if (!stage || !isDone(stage)) return undefined
      return readOutputs(run, stage)
    },
  }
}

/** Read from the world, once a run; again when the reading failed. */
export function readOutputs(run: LiveRun, stage: LiveStage): Promise<unknown> {
  const { bound } = stage
  if (!bound?.outputs) return Promise.resolve(undefined)
  if (stage.outputs) return stage.outputs
  const reading = bound.outputs(stageContext(run, stage.request.key, run.signal))
  stage.outputs = reading
  reading.catch(() => {
    delete stage.outputs
  })
  return reading
}

/** The outputs as they are stored: sealed. Nothing when the stage has none, or nobody seals. */
export async function sealedOutputs(run: LiveRun, stage: LiveStage): Promise<{ readonly outputs?: string }> {
  if (!stage.bound?.outputs) return {}
  const outputs = await readOutputs(run, stage)
  return run.ports.seal ? { outputs: run.ports.seal(JSON.stringify(outputs ?? null)) } : {}
}
