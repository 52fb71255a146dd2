import type { StageChange, StageRecord } from '../contract/records.ts'

/** What the cancel of its run does to a stage; nothing when it has ended. */
export function cancelled({ key, status, attempts }: StageRecord): StageChange[] {
  if (status === 'waiting') return [{ key, step: 'cancel' }]
  if (status === 'running') return [{ key, step: 'cancel', attempt: { number: attempts, status: 'cancelled' } }]
  return []
}
