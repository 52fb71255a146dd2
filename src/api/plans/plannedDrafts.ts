import { createHash } from 'node:crypto'
import type { Learnt } from '../../clusters/learnt.ts'
import type { Finding } from '../../domain/errors.ts'
import type { DomainChange } from '../../domain/changes.ts'
import type { Registry } from '../../engine/contract/registry.ts'
import { canonicalJson } from '../../engine/plan/canonical.ts'
import type { Draft } from './draft.ts'
import type { Plan } from '../../contract/plan.ts'

/** A plan with what it was made of. */
export interface PlannedDraft {
  readonly plan: Plan
  readonly draft: Draft
  /** What is to be known of it, and stands in nobody's way. */
  readonly notes: readonly Finding[]
  /** The code of its stages. */
  readonly registry: Registry
  readonly learnt: Learnt
  /** Applying it changes the stored desired state, its secrets or its host keys. */
  readonly stores: boolean
  /** Run that ended without being completed, and of which nothing is left to do: applying the plan settles it. */
  readonly settles: string | null
  /** What it has seen of the nodes that is not on record, where there is no run to write it. */
  readonly records: readonly DomainChange[]
  /** Version of the stored desired state that the plan was made on; 0: there was none. */
  readonly storedVersion: number
}

/**
 * Plans that were shown and may be approved soon. An approval is for a hash and what the stages saw then; each stage
 * looks again before it acts, so planning a second time would only cost time.
 */
export interface PlannedDrafts<Planned extends PlanOfDraft = PlannedDraft> {
  remember(planned: Planned): void
  /** The same draft, planned lately, with this hash (or a prefix of it). */
  find(draft: Planned['draft'], hash: string): Planned | null
  /** It has become a run: the next one of the same draft is planned anew, with secrets of its own. */
  forget(draft: Planned['draft']): void
}

interface PlanOfDraft {
  readonly plan: Plan
  readonly draft: unknown
}

const maxAge = 15 * 60_000

export const createPlannedDrafts = (): PlannedDrafts =>
  plannedDraftsOf(({ desired, operation, files, accepted }) => ({ desired, operation, files, accepted }), 16)

/**
 * @param tells what a draft is known by: all that its plan rests on.
 * @param most plans that are kept; the oldest goes first.
 */
export function plannedDraftsOf<Planned extends PlanOfDraft>(
  tells: (draft: Planned['draft']) => object,
  most: number,
): PlannedDrafts<Planned> {
  const kept = new Map<string, { planned: Planned; at: number }>()
  const nameOf = (draft: Planned['draft']) => hashed(tells(draft))
  const tidy = () => {
    for (const [name, { at }] of kept) if (Date.now() - at > maxAge || kept.size > most) kept.delete(name)
  }
  return {
    remember(planned) {
      const name = nameOf(planned.draft)
      // Taken out first, so that the map stays in the order of age.
      kept.delete(name)
      kept.set(name, { planned, at: Date.now() })
      tidy()
    },
    find(draft, hash) {
      tidy()
      const found = kept.get(nameOf(draft))?.planned
      return found?.plan.hash.startsWith(hash) ? found : null
    },
    forget: draft => void kept.delete(nameOf(draft)),
  }
}

/** Secrets are in a draft: only its hash is kept as a name. */
const hashed = (draft: object): string =>
  createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(draft))))
    .digest('hex')
