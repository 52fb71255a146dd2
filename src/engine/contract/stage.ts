import type { EventData } from '../../contract/eventData.ts'
import type { Json } from '../../contract/json.ts'
import type { DomainChange } from '../../domain/changes.ts'
import type { Subject } from '../../domain/subject.ts'
import type { Finding } from '../../domain/errors.ts'
import type { Effect, Need } from '../../contract/plan.ts'

export type { Effect, Need } from '../../contract/plan.ts'

/** One thing a stage would do. `effect`, `target` and `detail` are its identity when plan and world are compared. */
export interface Change {
  readonly effect: Effect
  /** What is touched, most general first: `node/m1/service`. */
  readonly target: string
  /** One line for people: `start the server`. */
  readonly summary: string
  /** What exactly, where that matters for the approval: a version, a keyed hash of a file. Never a secret. */
  readonly detail?: Json
  /** It takes back what a run itself may have left, as a takeover's mark: a run that finds it does it without another approval. */
  readonly unasked?: true
}

/** A host that a stage does not work on, because that was accepted by name; why it can't take part. */
export interface LeftOut {
  readonly host: string
  readonly reason: string
  /** The kind of the word that accepted it, where that is not `unreachable`. */
  readonly accepted?: string
}

/**
 * What a stage would do, and why. `facts` are what the decision rests on; they are part of the plan's hash.
 * `deferred`: can't be known before the stage `until` has run; then only the effects in `effects` are allowed.
 * `left_out`: hosts it would not touch, filled in by the engine; `absent`: all of them, so nothing is waited for either.
 */
export type Decision =
  | {
      readonly kind: 'skip'
      readonly reason: string
      readonly facts?: Json
      readonly left_out?: readonly LeftOut[]
      readonly absent?: true
    }
  | {
      readonly kind: 'run'
      readonly reason: string
      readonly changes: readonly Change[]
      readonly facts?: Json
      readonly left_out?: readonly LeftOut[]
    }
  | {
      readonly kind: 'deferred'
      readonly reason: string
      readonly until: string
      readonly effects: readonly Effect[]
      readonly facts?: Json
      readonly left_out?: readonly LeftOut[]
    }

/** A prerequisite that is missing. `providedBy` names planned stages that may bring it: then it is 'after X'. */
export interface Unmet extends Finding {
  readonly providedBy?: string | readonly string[]
  /** Hosts of the stage that it concerns, where the others could go on without them. */
  readonly hosts?: readonly string[]
  /** That these hosts are left out was accepted by name, with a word of this kind: then it stands in nobody's way. */
  readonly accepted?: string
}

/** Read once a run (or a plan) and key; dropped for whatever a finished stage touched. */
export interface Observations {
  read<T>(key: string, load: () => Promise<T>): Promise<T>
  drop(prefix: string): void
}

/** What a stage has while it looks, in a plan and in a run alike. */
export interface StageContext {
  readonly signal: AbortSignal
  readonly observations: Observations
  /**
   * Given where what is observed is acted on at once, as far as it is what was approved: what takes its time to start may
   * be started now. It must carry this environment, by which it is ended when nothing comes of it.
   */
  readonly ahead?: { readonly environment: Readonly<Record<string, string>> }
  /** Outputs of a stage that has completed or was skipped in this run or plan; undefined when there are none yet. */
  outputsOf(stageKey: string): Promise<unknown>
}

/** `(epoch, number)`; only grows. Every write of a worker and every act on a host carries it. */
export interface Fence {
  readonly epoch: number
  readonly number: number
}

export type HostOutcome = EventData<'host-result'>['outcome']

/** What a stage has while it acts. */
export interface AttemptContext extends StageContext {
  readonly run: string
  readonly stage: string
  /** 1 for the first try. */
  readonly attempt: number
  readonly fence: Fence
  /** The approved changes of this stage. */
  readonly changes: readonly Change[]
  /** Variables that every child process must carry, so that leftovers of this attempt are found and ended. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * Appends to the attempt's log; batched; secrets of the run are redacted before they are stored. A promise comes
   * back when the buffer is full: await it before writing more (text beyond 16 MiB unwritten is left out).
   */
  log(text: string): void | Promise<void>
  /** One line of progress for people: `m1: waiting for etcd voter`. Becomes an event. */
  progress(message: string, host?: string): Promise<void>
  /** What a task of a tool has done on a host. Becomes an event. */
  task(host: string, name: string, data: EventData<'task'>): Promise<void>
  /**
   * Hosts of a batch that are worked on from here on, in one transaction with an event that says what is done to them.
   * The stage's other hosts have nothing left to do.
   */
  beginHosts(hosts: readonly string[], message: string): Promise<void>
  /**
   * Final word on a host of a batch, with the batch's own changes; on resume only hosts without `ok|changed` are
   * unfinished. Hosts without it when the attempt fails have failed of what the attempt failed of.
   */
  hostResult(host: string, outcome: HostOutcome, message?: string): Promise<void>
  /** Hosts of this stage that this attempt does not touch: accepted to be left out, or unable to take part. */
  readonly leftOut: ReadonlySet<string>
  /** Hosts of this stage that an earlier attempt of this run finished. */
  finishedHosts(): Promise<ReadonlySet<string>>
  /**
   * Writes domain changes at once, under the fence (a claim that must be on record before the act), in one transaction
   * with an event that says why.
   */
  record(message: string, changes: readonly DomainChange[]): Promise<void>
}

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number
  /** Wait before the second try in ms; doubles each time, at most 30 s. */
  readonly backoff: number
  /** Whether an error is transient. */
  readonly when: (error: Error) => boolean
}

/** Domain changes of the hosts of a batch. */
export interface BatchRecords {
  /** Of one that is worked on now. */
  readonly begun?: (host: string) => readonly DomainChange[]
  /** Of one that has nothing left to do, while others have. */
  readonly idle?: (host: string) => readonly DomainChange[]
  readonly done?: (host: string) => readonly DomainChange[]
  readonly failed?: (host: string, reason: string) => readonly DomainChange[]
  /** Of one that could not take part when the stage began. */
  readonly missed?: (host: string, reason: string) => readonly DomainChange[]
}

/** Domain changes the engine writes together with the stage's own events. */
export interface StageRecords {
  readonly started?: readonly DomainChange[]
  readonly completed?: readonly DomainChange[]
  /** Written when the stage is skipped because there is nothing to do, save on the hosts in `leftOut`. */
  readonly skipped?: (leftOut: ReadonlySet<string>) => readonly DomainChange[]
  /** Of a host that was left out, as was accepted by name. */
  readonly leftOut?: (host: string, reason: string) => readonly DomainChange[]
  /**
   * A stage that has this is a batch: each of its hosts stands for itself. In a run it goes on without hosts that could
   * not take part when it began, and ends as failed when the others are done.
   */
  readonly batch?: BatchRecords
  /** Written with the end of a run in which every stage was completed or skipped. */
  readonly runCompleted?: readonly DomainChange[]
  /** Only when an attempt had begun: a stage that was refused at its last look has touched nothing. */
  readonly failed?: (error: Error) => readonly DomainChange[]
}

/** How a stage ends that is not done. */
export type Unfinished = 'cancelled' | 'failed'

/**
 * The unit of work: observed, checked, decided, executed, waited for. Plan and run use the same predicates.
 * A stage must be safe to run again after a crash at any line: it looks at the world, not at its own notes.
 */
export interface Stage<Observed = unknown, Outputs = unknown, Begun = void> {
  /** ms over execute + waitForReady. */
  readonly timeout: number
  readonly retry?: RetryPolicy
  /** Prefixes of observations that are stale once this stage has run. */
  readonly touches: readonly string[]
  /** Hosts this stage acts on: they get the fence before it starts. */
  readonly hosts?: readonly string[]
  /** What it changes besides the run's subject: it has their leases meanwhile. */
  readonly holds?: readonly Subject[]
  readonly records?: StageRecords
  /** All I/O that the decision needs; reads only. */
  observe(context: StageContext): Promise<Observed>
  /** Pure: everything that is missing, not only the first. */
  checkPrerequisites(observed: Observed): Unmet[]
  /** Pure. */
  shouldRun(observed: Observed): Decision
  /** Pure: what was observed, without these hosts; null when nothing remains to act on. */
  without?(observed: Observed, hosts: ReadonlySet<string>): Observed | null
  /** What it gives back is given to `waitForReady`: a stage keeps nothing between the two. */
  execute(context: AttemptContext, observed: Observed): Promise<Begun>
  /**
   * Watches, doesn't sleep; throws when it can no longer become ready.
   * @param begun null: nothing was executed now, since an earlier attempt, whose end nobody saw, had done all the work.
   */
  waitForReady(context: AttemptContext, begun: Begun | null): Promise<void>
  /**
   * Lets go of what it holds only while it is under way (a cordon), when it has begun and ends without being done. The
   * attempt is over, and its worker may have been another one. What it throws is told with the end of the stage.
   * @param end `cancelled`, with its run; `failed` for good: a resume may go on from what it holds.
   * @returns what is written with that.
   */
  letGo?(context: StageContext, end: Unfinished): Promise<readonly DomainChange[]>
  /** Read from the world after ready and after skip; stored sealed; read again on resume. */
  outputs?(context: StageContext): Promise<Outputs>
}

/** A stage as it is stored: a kind that code is bound to, and arguments (secrets by reference only). */
export interface StageRequest {
  /** Name of the code: `rke2/initial-master`. */
  readonly kind: string
  /** Unique in the plan: `rke2/join:m2`. */
  readonly key: string
  /** One line for people: `Join m2 as a server`. */
  readonly title: string
  readonly needs: readonly Need[]
  readonly arguments: Json
  /** Filtered before its prerequisites are asked, and recorded as skipped with this reason. */
  readonly disabled?: string
  /** The run goes on, and completes, without it and what needs it where it fails. */
  readonly optional?: true
}

/** Binds a stored request to code. `bind` parses the arguments (Zod) and throws `stage-unknown` when they don't fit. */
export interface StageKind {
  readonly kind: string
  /** Earlier names of the same kind, still found in stored runs. */
  readonly aliases?: readonly string[]
  bind(request: StageRequest): BoundStage
}

/** A stage whose observation stays inside: what the engine handles, whatever the stage observes. */
export interface BoundStage
  extends Omit<Stage, 'observe' | 'checkPrerequisites' | 'shouldRun' | 'without' | 'execute' | 'waitForReady'> {
  observe(context: StageContext): Promise<Observation>
  /** Waits for what an earlier attempt has done. */
  waitForReady(context: AttemptContext): Promise<void>
}

/** One observation with what follows from it. */
export interface Observation {
  readonly unmet: readonly Unmet[]
  readonly decision: Decision
  /** The same without some hosts; null when nothing remains to act on. */
  without?(hosts: ReadonlySet<string>): Observation | null
  /** Gives back what waits until it is ready. */
  execute(context: AttemptContext): Promise<() => Promise<void>>
}

/** Ties a stage's predicates to one observation, so that the engine never sees the observation's type. */
export function bindStage<Observed, Outputs, Begun>(stage: Stage<Observed, Outputs, Begun>): BoundStage {
  return {
    timeout: stage.timeout,
    touches: stage.touches,
    ...(stage.retry && { retry: stage.retry }),
    ...(stage.hosts && { hosts: stage.hosts }),
    ...(stage.holds && { holds: stage.holds }),
    ...(stage.records && { records: stage.records }),
    ...(stage.letGo && { letGo: (context, end) => stage.letGo?.(context, end) ?? Promise.resolve([]) }),
    ...(stage.outputs && { outputs: context => stage.outputs?.(context) ?? Promise.resolve(undefined) }),
    waitForReady: context => stage.waitForReady(context, null),
    observe: async context => observationOf(stage, await stage.observe(context)),
  }
}

function observationOf<Observed, Outputs, Begun>(
  stage: Stage<Observed, Outputs, Begun>,
  observed: Observed,
): Observation {
  const { without } = stage
  return {
    unmet: stage.checkPrerequisites(observed),
    decision: stage.shouldRun(observed),
    ...(without && {
      without: hosts => {
        const rest = without(observed, hosts)
        return rest === null ? null : observationOf(stage, rest)
      },
    }),
    async execute(attempt) {
      const begun = await stage.execute(attempt, observed)
      return () => stage.waitForReady(attempt, begun)
    },
  }
}
