import type { PlannedDecision } from './plan.ts'

/** The change by which a cluster goes off the record, when its run is completed. */
export const recordGoes = { effect: 'delete', target: 'cluster/record' } as const

/** Whether a stage is the one that takes its cluster off the record. */
export const isForgetting = (decision: PlannedDecision): boolean =>
  decision.kind === 'run' &&
  decision.changes.some(({ effect, target }) => effect === recordGoes.effect && target === recordGoes.target)
