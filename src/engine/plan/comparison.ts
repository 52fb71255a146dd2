import { changeIdentity } from './plan.ts'
import type { Change, Decision } from '../contract/stage.ts'
import type { PlannedDecision } from '../../contract/plan.ts'

/** How what a stage would do now stands to what was approved. */
export type Comparison =
  /** Nothing is left to do. */
  | { readonly kind: 'nothing'; readonly reason: string }
  /** The approved changes, or fewer. */
  | { readonly kind: 'within'; readonly changes: readonly Change[] }
  /** More, or something else: needs a new approval. */
  | { readonly kind: 'beyond'; readonly reason: string; readonly more: readonly Change[] }

/** Pure. A change is the approved one when effect, target and detail are equal. */
export function compareWithApproved(approved: PlannedDecision, now: Decision): Comparison {
  if (now.kind === 'skip') return { kind: 'nothing', reason: now.reason }
  if (now.kind === 'deferred')
    return { kind: 'beyond', reason: `still cannot be known: ${now.reason} (after ${now.until})`, more: [] }
  if (now.changes.length === 0) return { kind: 'nothing', reason: now.reason }
  const more = now.changes.filter(change => !change.unasked && !covers(approved, change))
  if (more.length === 0) return { kind: 'within', changes: now.changes }
  return { kind: 'beyond', reason: now.reason, more }
}

type Identified = Parameters<typeof changeIdentity>[0]

/** What was to be restarted may be found stopped when whoever began it has ended: to start it is the rest of it. */
const isRestOf = (change: Change, approved: Identified): boolean =>
  change.effect === 'create' &&
  approved.effect === 'restart' &&
  changeIdentity({ ...change, effect: 'restart' }) === changeIdentity(approved)

function covers(approved: PlannedDecision, change: Change): boolean {
  switch (approved.kind) {
    case 'run': {
      const identity = changeIdentity(change)
      return approved.changes.some(one => changeIdentity(one) === identity || isRestOf(change, one))
    }
    case 'deferred':
      return approved.effects.includes(change.effect)
    case 'skip':
    case 'unknown':
      return false
  }
}
