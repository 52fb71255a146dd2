import type { Unmet } from '../../engine/contract/stage.ts'
import type { ReleasePlace } from '../../helm/owner.ts'
import { toldUnmet } from '../attempt.ts'
import { catalogue } from '../catalogue/index.ts'
import { groupOf } from '../removal/leaving.ts'
import { groupOfDefinition } from '../removal/customResources.ts'
import { whyNotDropped } from './dropped.ts'
import { inPlaceFindings } from './inPlace.ts'
import type { MissingKind, Rendered } from './rendered.ts'

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
  const unmet: Unmet[] = unknownKinds.map(kind => unknownKind(kind, at))
  if (refusal) {
    const { error, isSure } = refusal
    unmet.push({ ...toldUnmet(error), about, ...(!isSure && { providedBy: [...needs, ...afterStages] }) })
  }
  if (!fit) return unmet
  const { inPlace, tried, dropped } = fit
  unmet.push(...inPlaceFindings(inPlace, at, about))
  for (const words of shortened(tried.invalid))
    unmet.push({
      name: 'chart-refused',
      severity: 'error',
      about,
      message: `the API would refuse ${words}`,
      remedy: 'Fix the values or the chart; slipway plan asks the API again.',
    })
  for (const words of shortened(tried.denied))
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
const shortened = (words: readonly string[]): readonly string[] => {
  const [some, rest] = [words.slice(0, mostTold), words.length - mostTold]
  return rest > 0 ? [...some.slice(0, -1), `${some.at(-1)}; and ${rest} more objects`] : some
}

function unknownKind({ kind, apiVersion, instead }: MissingKind, { about, needs, afterStages }: About): Unmet {
  return {
    name: 'definition-missing',
    severity: 'error',
    about,
    message: `the API does not know ${kind} (${apiVersion})${instead === null ? '' : `, only ${instead}`}`,
    remedy:
      instead === null
        ? 'Enable the operator that brings it, or have it installed; a chart of this file that brings it is to be named in after.'
        : `Bring a version of the chart that is written for ${groupOf({ apiVersion })}/${instead}, or have what brings the kind replaced by a version that serves this one.`,
    providedBy: [...needs.filter(stage => mayBring(stage, groupOf({ apiVersion }))), ...afterStages],
  }
}

/** Whether a stage may bring a kind of a group: of a component it is known what it brings, of a chart it is not. Pure. */
function mayBring(stage: string, group: string): boolean {
  const component = catalogue.find(({ name }) => stage.endsWith(`:${name}`))
  if (!component) return true
  if (component.kind !== 'chart') return false
  const { marks } = component
  return marks === undefined || marks.definitions.some(name => groupOfDefinition(name) === group)
}
