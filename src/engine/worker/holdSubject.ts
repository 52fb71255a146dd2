import { setTimeout as after } from 'node:timers/promises'
import type { Subject } from '../../domain/subject.ts'
import type { Lease, RunRecords, Worker } from '../contract/records.ts'
import type { WatchedLease } from './leaseWatch.ts'

export interface HoldOptions {
  readonly records: Pick<RunRecords, 'hold' | 'release' | 'onWork'>
  readonly self: Worker
  /** Owners that are proven dead. */
  findDead(): Promise<readonly string[]>
  /** ms. */
  readonly leaseTime: number
  /** ms between looks without a notification. */
  readonly poll: number
  /** Those that are prolonged. */
  readonly watched: Set<WatchedLease>
  /** It is lost. */
  lose(): void
}

/** Gives the lease back; what fails at that is over with the lease's time. */
export type Release = () => Promise<void>

/**
 * The lease of one subject more, for a stage that changes it. Waits while somebody else has it.
 * @param waits called once, when it has to be waited for.
 */
export async function holdSubject(
  { records, self, findDead, leaseTime, poll, watched, lose }: HoldOptions,
  subject: Subject,
  signal: AbortSignal,
  waits: () => Promise<void>,
): Promise<Release> {
  for (let told = false; ; told = true) {
    signal.throwIfAborted()
    const asked = performance.now()
    const lease = await records.hold(self, subject, leaseTime, await findDead())
    if (lease !== null) return keep(lease, asked)
    if (!told) await waits()
    await untilWork(records, poll, signal)
  }

  function keep(lease: Lease, asked: number): Release {
    const held = { lease, givenBack: false, prolonged: asked, lose }
    watched.add(held)
    return async () => {
      held.givenBack = true
      watched.delete(held)
      await records.release(lease)
    }
  }
}

/** Until something was given back, or a while is over. */
async function untilWork(records: Pick<RunRecords, 'onWork'>, most: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const off = records.onWork(() => over.abort())
  try {
    await after(most, undefined, { signal: AbortSignal.any([over.signal, signal]) }).catch(() => {})
  } finally {
    off()
  }
}
