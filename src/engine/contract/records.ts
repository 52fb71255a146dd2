import type { DomainChange } from '../../domain/changes.ts'
import type { ErrorCode, Finding } from '../../domain/errors.ts'
import type { EventType, LogChunk, RunEvent, StageStatus } from '../../contract/events.ts'
import type { RunStep, StageStep } from './runLifecycle.ts'
import type { Subject } from '../../domain/subject.ts'
import type { Fence, HostOutcome, StageRequest } from './stage.ts'
import type { EventData } from '../../contract/eventData.ts'
import type { Run, StoredError as Problem } from '../../contract/runs.ts'
import type { Plan, PlannedDecision } from '../../contract/plan.ts'

/** What the engine needs from a database. The store implements it; the engine knows no table. */
export interface RunRecords {
  /** No other process can hold this database: whoever else owns a lease in it is dead. */
  readonly exclusive: boolean
  savePlan(plan: Plan, by: string): Promise<void>
  /** @throws SlipwayError `not-found`, also when a prefix (8 characters at least) is not unique. */
  findPlan(hashOrPrefix: string): Promise<Plan>

  /**
   * Creates the run `queued`, and supersedes its subject's open ones (failed, cancelled, awaiting approval).
   * @throws SlipwayError `lease-held` when one is queued or running, `plan-changed` when the desired state moved.
   */
  createRun(plan: Plan, approval: { readonly by: string; readonly accepted: readonly string[] }): Promise<string>
  /** @throws SlipwayError `not-found`. */
  readRun(run: string): Promise<RunRecord>
  readStages(run: string): Promise<StageRecord[]>
  /** Version of the subject's desired state now; null when it is not recorded. */
  desiredVersion(subject: Subject): Promise<number | null>
  finishedHosts(run: string, stage: string): Promise<ReadonlySet<string>>

  /** Without a lease only what people ask for is written: cancel, approve, resume. */
  write(run: string, transition: Transition, under: WriteGuard): Promise<void>
  appendLog(run: string, chunks: readonly Omit<LogChunk, 'run' | 'seq'>[], lease: Lease): Promise<void>

  /** Takes the oldest run that waits for a worker and its subject's lease; null when there is none. */
  claim(worker: Worker, timeToLive: number, dead: readonly string[]): Promise<{ run: string; lease: Lease } | null>
  /** The lease of a subject that a stage of another one's run changes; null while somebody else has it. */
  hold(worker: Worker, subject: Subject, timeToLive: number, dead: readonly string[]): Promise<Lease | null>
  /** Prolongs leases. Returns those that are still held. */
  renew(leases: readonly Lease[], timeToLive: number): Promise<Lease[]>
  release(lease: Lease): Promise<void>
  /** Who holds leases, other than this worker. */
  otherOwners(worker: string): Promise<Worker[]>

  follow(run: string, afterSeq: number, signal: AbortSignal): AsyncIterable<RunEvent>
  followLog(
    run: string,
    from: { readonly stage?: string; readonly after: number },
    signal: AbortSignal,
  ): AsyncIterable<LogChunk>
  /** Calls when there may be work: a run was queued, a cancel was asked for, or the connection was made anew. */
  onWork(listener: (run: string | null) => void): () => void
}

/** The right to change a subject; `worker` and the fence make it provable in every write. */
export interface Lease extends Fence {
  readonly subject: Subject
  readonly worker: string
}

/** Who works: enough to prove on the same machine that the process is gone. */
export interface Worker {
  readonly id: string
  readonly host: string
  readonly boot_id: string
  /** Process ids mean something only inside their namespace. */
  readonly pid_namespace: string
  readonly pid: number
  /** Start time in clock ticks since boot: a process id is used again, the pair is not. */
  readonly process_start: string
}

/**
 * A write under a lease has a number that grows with every write of that lease, and is sent when the one before was
 * answered: it is written once, however often it is sent. One without a lease, of what people ask for, may name the
 * last event that was read: it is refused with `run-state` when the run has gone on since.
 */
export type WriteGuard =
  | { readonly lease: Lease; readonly write: number }
  | { readonly lease: null; readonly seq?: number }

export interface Transition {
  readonly run?: RunChange
  readonly stages?: readonly StageChange[]
  readonly results?: readonly HostResult[]
  readonly events?: readonly NewEvent[]
  /** Applied to the run's subject in the same transaction; `attempt` is who did it: `RUN/STAGE/N`. */
  readonly changes?: { readonly list: readonly DomainChange[]; readonly attempt: string }
  /** Gives the lease back with this write. */
  readonly release?: true
  /** Leaves word for the worker that holds the run. */
  readonly cancel?: true
}

export interface RunChange {
  readonly step: RunStep
  readonly error?: StoredError | null
  readonly planHash?: string
  readonly pendingHash?: string | null
  readonly approvedBy?: string
  readonly accepted?: readonly string[]
  readonly supersededBy?: string
}

export interface StageChange {
  readonly key: string
  /** Without a step only what else is named here is written. */
  readonly step?: StageStep
  readonly reason?: string | null
  readonly error?: StoredError | null
  readonly decision?: PlannedDecision
  readonly attempt?: { readonly number: number; readonly status: AttemptStatus; readonly error?: StoredError }
  /** Sealed. */
  readonly outputs?: string
  readonly recheck?: boolean
}

export type AttemptStatus = 'running' | 'completed' | 'failed' | 'cancelled' | 'interrupted'

export interface HostResult {
  readonly stage: string
  readonly host: string
  readonly attempt: number
  readonly outcome: HostOutcome
  readonly message: string | null
}

/** With the data of its type; the message names what it is about, and is no sentence that the data could give. */
export type NewEvent = { [Type in EventType]: EventOf<Type> }[EventType]

type EventOf<Type extends EventType> = {
  readonly type: Type
  readonly message: string
  readonly stage?: string
  readonly attempt?: number
  readonly host?: string
} & (null extends EventData<Type> ? { readonly data?: EventData<Type> } : { readonly data: EventData<Type> })

/** An error as it is stored and shown; the run writer takes secrets out of it. */
export interface StoredError extends Omit<Problem, 'code' | 'findings'> {
  readonly code: ErrorCode
  readonly findings: readonly Finding[]
}

/** A run as it is on record; whether a living worker has it in its hands is not. */
export interface RunRecord extends Omit<Run, 'executed' | 'error'> {
  readonly error: StoredError | null
}

export interface StageRecord extends StageRequest {
  readonly status: StageStatus
  /** What was approved. */
  readonly decision: PlannedDecision
  readonly reason: string | null
  readonly attempts: number
  /** Completed earlier; a resume looks once more whether the world still says so. */
  readonly recheck: boolean
  readonly outputs: string | null
  readonly error: StoredError | null
  readonly started: string | null
  readonly ended: string | null
}
