import type { EngineLimits } from '../contract/ports.ts'
import type { Lease, RunRecords } from '../contract/records.ts'
import { subjectText } from '../../domain/subject.ts'

export interface WatchedLease {
  readonly lease: Lease
  /** The write that gives the lease back is on its way: not to find it any more is no loss. */
  readonly givenBack: boolean
  /** When the database was asked for the lease, or for the prolonging, that it gave; `performance.now()`. */
  prolonged: number
  lose(): void
}

/**
 * Prolongs the leases of all executions at once, six times in their time. Which are gone are lost; when the database
 * does not answer, each is lost in time to end its children before anybody else may begin. Returns the end of it.
 */
export function watchLeases(
  records: Pick<RunRecords, 'renew'>,
  executions: ReadonlySet<WatchedLease>,
  limits: Pick<EngineLimits, 'leaseTime' | 'leaseMargin'>,
  onError: (error: unknown) => void,
): () => void {
  const renew = async (): Promise<void> => {
    const before = [...executions]
    if (before.length === 0) return
    const asked = performance.now()
    const leases = before.map(execution => execution.lease)
    const kept = new Set((await records.renew(leases, limits.leaseTime)).map(nameOf))
    // Answers may come in another order than they were asked for.
    for (const execution of before)
      if (kept.has(nameOf(execution.lease))) execution.prolonged = Math.max(execution.prolonged, asked)
      else if (executions.has(execution) && !execution.givenBack) execution.lose()
  }
  const timer = setInterval(() => void renew().catch(onError), limits.leaseTime / 6)
  const deadline = setInterval(() => {
    const oldest = performance.now() - (limits.leaseTime - limits.leaseMargin)
    for (const execution of executions) if (execution.prolonged < oldest) execution.lose()
  }, limits.leaseTime / 24)
  return () => {
    clearInterval(timer)
    clearInterval(deadline)
  }
}

const nameOf = (lease: Lease): string => `${subjectText(lease.subject)} ${lease.epoch}.${lease.number}`
