import { setTimeout as after } from 'node:timers/promises'
import type { DomainChange } from '../../domain/changes.ts'
import { type Finding, SlipwayError } from '../../domain/errors.ts'
import { isDatabaseAway } from '../contract/databaseAway.ts'
import type {
  HostResult,
  Lease,
  NewEvent,
  RunRecords,
  StageChange,
  StoredError,
  Transition,
} from '../contract/records.ts'
import { mapStrings, storable } from './storedError.ts'

/** Writes a run's transitions one after the other, under its lease. */
export interface RunWriter {
  write(transition: Transition): Promise<void>
}

/** What a write knows of its lease. */
export interface HeldLease {
  readonly lease: Lease
  /** Aborted when the lease is lost. */
  readonly lost: AbortSignal
  /** Tells that a write was refused: somebody else has the lease. */
  lose(): void
  /** Tells that the write that gives the lease back is on its way: not having it any more is no loss then. */
  giveBack(): void
}

const retryEvery = 200

/**
 * Tries a call until the database answers. A refused fence ends the whole run here.
 * @throws Stopped when the lease is lost before.
 */
export async function underLease<T>(held: HeldLease, call: () => Promise<T>): Promise<T> {
  for (;;) {
    held.lost.throwIfAborted()
    try {
      return await unlessAborted(call(), held.lost)
    } catch (error) {
      if (error instanceof SlipwayError && error.code === 'lease-lost') held.lose()
      if (!isDatabaseAway(error)) throw error
    }
    await after(retryEvery, undefined, { signal: held.lost }).catch(() => {})
  }
}

/**
 * The write that gives the lease back, where its answer may be lost: when it is refused afterwards, somebody has the lease
 * by now, because it was done, or because the run was taken over meanwhile. Either way nothing is left to do here.
 */
function unlessDone(call: () => Promise<void>): () => Promise<void> {
  let unanswered = false
  return async () => {
    try {
      await call()
    } catch (error) {
      if (unanswered && error instanceof SlipwayError && error.code === 'lease-lost') return
      unanswered ||= isDatabaseAway(error)
      throw error
    }
  }
}

/**
 * Everything that is stored passes here: secrets are redacted. While the database does not answer, the same write
 * is tried again (it is written once) until it succeeds or the lease is lost.
 */
export function createRunWriter(
  records: Pick<RunRecords, 'write'>,
  run: string,
  held: HeldLease,
  redact: (text: string) => string,
): RunWriter {
  const clean = (text: string): string => redact(storable(text))
  let last: Promise<unknown> = Promise.resolve()
  let count = 0

  return {
    write(transition) {
      const { lease } = held
      const write = ++count
      const cleaned = cleanTransition(transition, clean)
      if (transition.release) held.giveBack()
      const call = () => records.write(run, cleaned, { lease, write })
      const written = last.then(() => underLease(held, transition.release ? unlessDone(call) : call))
      last = written.catch(() => {})
      return written
    },
  }
}

function cleanTransition(transition: Transition, clean: (text: string) => string): Transition {
  const finding = (one: Finding): Finding => ({
    ...one,
    about: clean(one.about),
    message: clean(one.message),
    remedy: clean(one.remedy),
  })
  const error = (stored: StoredError): StoredError => ({
    ...stored,
    message: clean(stored.message),
    remedy: clean(stored.remedy),
    causes: stored.causes.map(clean),
    findings: stored.findings.map(finding),
    facts: mapStrings(stored.facts, clean),
  })
  const stage = (change: StageChange): StageChange => ({
    ...change,
    ...(change.error && { error: error(change.error) }),
    ...(change.reason && { reason: clean(change.reason) }),
    ...(change.attempt?.error && { attempt: { ...change.attempt, error: error(change.attempt.error) } }),
  })
  const event = <Event extends Pick<NewEvent, 'message' | 'data'>>(one: Event): Event => ({
    ...one,
    message: clean(one.message),
    ...(one.data !== undefined && { data: mapStrings(one.data, clean) }),
  })
  const result = (one: HostResult): HostResult => ({ ...one, message: one.message && clean(one.message) })
  const domain = (change: DomainChange): DomainChange =>
    change.type === 'node' && change.error !== undefined ? { ...change, error: clean(change.error) } : change
  const { run, stages, events, results, changes } = transition
  return {
    ...transition,
    ...(run?.error && { run: { ...run, error: error(run.error) } }),
    ...(stages && { stages: stages.map(stage) }),
    ...(results && { results: results.map(result) }),
    ...(events && { events: events.map(one => event(one)) }),
    ...(changes && { changes: { ...changes, list: changes.list.map(domain) } }),
  }
}

/** The promise's outcome, or the signal's reason as soon as it is aborted. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
