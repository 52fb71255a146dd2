import { type PlatformEntry, platformFactsShape, type PlatformState } from '../../contract/platform.ts'
import type { PlannedStage } from '../../contract/plan.ts'

/** How a component stands by what its stage would do about it: there is no second look. */
export type Standing = Pick<
  PlatformEntry,
  'state' | 'version' | 'where' | 'owner' | 'storage_class' | 'reason' | 'waits_for' | 'findings'
>

/** So many words of a plan are told. */
const mostChanges = 4

/**
 * Pure.
 * @param all the stages of the platform, by their keys.
 * @param nameOf what people call a stage.
 */
export function standingOf(
  stage: PlannedStage,
  all: ReadonlyMap<string, PlannedStage>,
  nameOf: (key: string) => string,
): Standing {
  const { unmet, decision } = stage
  const facts = factsIn(stage)
  const isWell = facts?.state === 'ready' || facts?.state === 'external'
  const awaited = stage.needs.map(({ stage: key }) => key).filter(key => !isThere(all.get(key)))
  const waits_for = isWell || facts?.state === 'unknown' ? [] : awaited.map(nameOf)
  const state = stateOf(stage, facts?.state ?? 'unknown', waits_for.length > 0)
  return {
    state,
    version: facts?.version ?? null,
    where: facts?.where ?? null,
    owner: facts?.owner ?? null,
    storage_class: facts?.storage_class ?? null,
    reason: unmet.length > 0 ? unmet.map(({ message }) => message).join('; ') : reasonOf(decision, state),
    waits_for,
    findings: unmet,
  }
}

const factsIn = ({ decision }: PlannedStage) =>
  decision.kind === 'unknown' ? undefined : platformFactsShape.safeParse(decision.facts).data

/** Whether nobody has to wait for it. */
function isThere(stage: PlannedStage | undefined): boolean {
  const state = stage && factsIn(stage)?.state
  return stage?.unmet.length === 0 && (state === 'ready' || state === 'external')
}

function stateOf({ unmet, decision }: PlannedStage, seen: PlatformState, waits: boolean): PlatformState {
  if (seen === 'unknown') return 'unknown'
  if (unmet.length > 0) return 'blocked'
  return decision.kind === 'deferred' || (seen === 'absent' && waits) ? 'waiting' : seen
}

/** In the words of the plan. */
function reasonOf(decision: PlannedStage['decision'], state: PlatformState): string | null {
  if (state === 'ready') return null
  if (decision.kind !== 'run') return decision.reason
  const told = decision.changes.map(({ summary }) => summary)
  // What is waited for at the end says something only where nothing else is to be done.
  const words = told.length > 1 ? told.slice(0, -1) : told
  const more = words.length - mostChanges
  return more > 0 ? `${words.slice(0, mostChanges).join('; ')}; and ${more} more` : words.join('; ')
}
