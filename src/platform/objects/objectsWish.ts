import type { Unmet } from '../../engine/contract/stage.ts'
import type { Condition, Stored, WantedObject } from '../contract.ts'

/** Objects as they are wanted, or why it cannot be said what they are. */
export interface ObjectsWish {
  readonly objects: readonly WantedObject[]
  readonly ready: readonly Condition[]
  readonly unmet: readonly Omit<Unmet, 'about' | 'severity'>[]
  /** What the decision rests on. */
  readonly facts: Readonly<Record<string, string>>
  /** What volumes are to be, and what they are. */
  readonly stored: { readonly wanted: Stored; readonly live: Stored; readonly expandable: boolean } | null
}
