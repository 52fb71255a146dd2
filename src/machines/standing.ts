import { isDeepStrictEqual } from 'node:util'
import type { StatePlace } from '../domain/machine.ts'
import { withTainted } from '../terraform/applyFolder.ts'
import { managedBy, readState } from '../terraform/state.ts'
import { managedIds } from './outputs.ts'

/** How the state of a machine stands in the backend that is to have it. */
export type Standing =
  /** What the backend has is what counts. */
  | { readonly kind: 'there'; readonly text: string }
  /** It is to be brought there first; null: there is none yet. */
  | { readonly kind: 'bring'; readonly text: string | null; readonly why: Bringing }
  /** What the backend has is not what it had when it was seen last. */
  | { readonly kind: 'lost'; readonly how: Loss }

/** `tainted`: what was not made to its end is marked in it. */
export type Bringing = 'new' | 'move' | 'unwritten' | 'tainted'
export type Loss = 'missing' | 'older' | 'other'

export interface StandingFacts {
  /** `machine w1` */
  readonly of: string
  /** Null: the record says nothing of this backend. */
  readonly place: StatePlace | null
  /** On record, in clear. */
  readonly copy: string | null
  readonly there: string | null
  /** What a run that was interrupted has left on this host; null: nothing. */
  readonly left: {
    /** A state that the backend did not take. */
    readonly state: string | null
    /** What was being made at the end, by what the command said; null: it said nothing. */
    readonly making: ReadonlySet<string> | null
  }
}

/** Pure. @throws SlipwayError `terraform-state-unreadable`. */
export function standingOf({ of, place, copy, there, left }: StandingFacts): Standing {
  const known = newest(of, copy, left.state)
  const isUnwritten = place?.unwritten === true || known !== copy
  const found = there === null ? null : readState(there, of)
  const wanted = known === null ? null : readState(known, of)
  const isThere = (): Standing => taken(there ?? '', left.making ?? new Set(place?.making))
  const bring = (why: Bringing): Standing => ({ kind: 'bring', text: known, why })
  if (wanted === null) return found === null ? bring('new') : isThere()
  const isEmpty = found === null || managedBy(found).length === 0
  const isOnItsWay = place === null || isUnwritten
  if (isEmpty && managedBy(wanted).length === 0 && !isUnwritten)
    return found === null ? { kind: 'bring', text: null, why: 'new' } : isThere()
  if (found?.lineage === wanted.lineage) {
    if (found.serial >= wanted.serial) return isThere()
    if (place === null) return bring('move')
    return isUnwritten ? bring('unwritten') : { kind: 'lost', how: 'older' }
  }
  if (found !== null && !isEmpty)
    return isOnItsWay && isSame(found, wanted) ? isThere() : { kind: 'lost', how: 'other' }
  if (place === null) return bring('move')
  return isUnwritten ? bring('unwritten') : { kind: 'lost', how: 'missing' }
}

function newest(of: string, copy: string | null, left: string | null): string | null {
  if (left === null || copy === null) return left ?? copy
  const [before, after] = [readState(copy, of), readState(left, of)]
  return after.serial > before.serial && (after.lineage === before.lineage || managedBy(before).length === 0)
    ? left
    : copy
}

/** One whose lineage is another one, since the backend had none when it was brought there. */
const isSame = (one: Parameters<typeof managedBy>[0], other: Parameters<typeof managedBy>[0]): boolean =>
  isDeepStrictEqual([managedBy(one), managedIds(one)], [managedBy(other), managedIds(other)])

function taken(text: string, making: ReadonlySet<string>): Standing {
  const marked = withTainted(text, making)
  return marked === null ? { kind: 'there', text } : { kind: 'bring', text: withNextSerial(marked), why: 'tainted' }
}

/** A backend takes no other state of the same serial. */
function withNextSerial(text: string): string {
  const state: { serial: number } = JSON.parse(text)
  return `${JSON.stringify({ ...state, serial: state.serial + 1 }, null, 2)}\n`
}
