import type { Unmet } from '../../engine/contract/stage.ts'
import type { ReleasePlace } from '../../helm/owner.ts'
import { toldUnmet } from '../attempt.ts'
import { catalogue } from '../catalogue/index.ts'
import { groupOf } from '../removal/leaving.ts'
import { groupOfDefinition } from '../removal/customResources.ts'
import { whyNotDropped } from './dropped.ts'
import { missingKindFinding } from '../objects/missingKind.ts'
import { inPlaceFindings } from './inPlace.ts'
import type { Rendered } from './rendered.ts'

interface About extends ReleasePlace {
  /** `chart web` */
  readonly about: string
  /** Stages of this plan that come before it. */
  readonly needs: readonly string[]
  /** Stages that bring the API. */
  readonly afterStages: readonly string[]
}

/** What stands in the way of a chart as it would be rendered now. Pure. */
export function renderFindings({ refusal, unknownKinds, fit }: Rendered, at: About): Unmet[] {
  const { about, needs, afterStages } = at
  const unmet: Unmet[] = unknownKinds.map(kind => ({
    ...missingKindFinding(kind, 'the chart'),
    about,
    providedBy: bringing(groupOf(kind), at),
  }))
  if (refusal) {
    const { error, isSure } = refusal
    unmet.push({ ...toldUnmet(error), about, ...(!isSure && { providedBy: [...needs, ...afterStages] }) })
  }
  if (!fit) return unmet
  const { inPlace, tried, dropped } = fit
  unmet.push(...inPlaceFindings(inPlace, at, about))
  for (const { words, group } of shortened(tried.invalid))
    unmet.push({
      name: 'chart-refused',
      severity: 'error',
      about,
      message: `the API would refuse ${words}`,
      remedy: 'Fix the values or the chart; the next plan asks the API again.',
      // Another version of its definition may be on its way.
      ...(isDefined(group) && { providedBy: bringing(group, at) }),
    })
  for (const { words } of shortened(tried.denied))
    unmet.push({
      name: 'object-denied',
      severity: 'warning',
      about,
      message: `the API would refuse ${words}`,
      remedy:
        'Make the chart as the rule wants it, by its values, or have the rule changed by whoever has made it; where it is met once the rest of the chart is there, accept that: --accept object-denied.',
    })
  if (dropped) unmet.push(...whyNotDropped(dropped, at, about))
  return unmet
}

/** Of each sort. */
const mostTold = 5
const shortened = <One extends { readonly words: string }>(said: readonly One[]): readonly One[] => {
  const rest = said.length - mostTold
  return said
    .slice(0, mostTold)
    .map((one, at) =>
      rest > 0 && at === mostTold - 1 ? { ...one, words: `${one.words}; and ${rest} more objects` } : one,
    )
}

/** Whether its kinds are somebody's to define. */
const isDefined = (group: string): boolean => group.includes('.') && !group.endsWith('.k8s.io')

/** Stages that may bring what the API knows of a group. */
const bringing = (group: string, { needs, afterStages }: Pick<About, 'needs' | 'afterStages'>): string[] => [
  ...needs.filter(stage => mayBring(stage, group)),
  ...afterStages,
]

/** Whether a stage may bring a kind of a group: of a component it is known what it brings, of a chart it is not. Pure. */
function mayBring(stage: string, group: string): boolean {
  const component = catalogue.find(({ name }) => stage.endsWith(`:${name}`))
  if (!component) return true
  if (component.kind !== 'chart') return false
  const { marks } = component
  return marks === undefined || marks.definitions.some(name => groupOfDefinition(name) === group)
}
