import type { Need, StageRequest } from '../engine/contract/stage.ts'
import { chartStage } from './charts/chart.ts'
import { componentStage } from './components/component.ts'
import { type EnabledComponent, enabledComponents } from './components/enabled.ts'
import { chartKey, componentKey, keyOfNamed, withNeeds } from './named.ts'
import { hasPrerequisites, prerequisitesStage } from './prerequisites/stage.ts'
import type { PlatformChart, PlatformSpec } from './spec.ts'

/** s */
export const defaultTimeout = 300

/**
 * The stages of the platform on a cluster: each component and chart as soon as what it needs is ready, or one after the
 * other where that is set. Pure.
 * @param ready stages of the same plan after which the cluster can take it.
 * @param only names of components and charts that are meant, with what they need; empty: all.
 * @throws SlipwayError `usage` for a name that the platform does not have.
 */
export function platformStages(
  cluster: string,
  platform: PlatformSpec | undefined,
  ready: readonly Need[],
  only: readonly string[] = [],
): StageRequest[] {
  const written = platform ?? {}
  const components = enabledComponents(written)
  const first = hasPrerequisites(written) ? [ofPrerequisites(cluster, ready)] : []
  const begin: Beginning = { ready, first: first.map(({ key }) => ({ stage: key })) }
  const all = [
    ...first,
    ...components.map(component => ofComponent(cluster, component, components, begin)),
    ...(written.charts ?? []).map(chart => ofChart(cluster, chart, components, begin)),
  ]
  const keys = only.map(name => keyOfNamed(name, written))
  const stages = keys.length === 0 ? all : withNeeds(all, keys)
  return written.order === 'sequential' ? oneByOne(stages) : stages
}

interface Beginning {
  /** Stages that bring the cluster. */
  readonly ready: readonly Need[]
  /** Those of the platform that come before all others. */
  readonly first: readonly Need[]
}

const ofPrerequisites = (cluster: string, ready: readonly Need[]): StageRequest =>
  prerequisitesStage.request({
    title: 'Prerequisites of the platform',
    needs: ready,
    arguments: { cluster, afterStages: keysOf(ready) },
  })

const keysOf = (needs: readonly Need[]): string[] => needs.map(({ stage }) => stage)

function ofComponent(
  cluster: string,
  { component, namespace, timeout_s, set, neededBy, required, needs }: EnabledComponent,
  all: readonly EnabledComponent[],
  { ready, first }: Beginning,
): StageRequest {
  const { name, defaults } = component
  const needed = needs.filter(need => all.some(other => other.component.name === need)).map(componentKey)
  return componentStage.request({
    of: name,
    title: `Component ${name}${neededBy === null ? '' : `, for ${neededBy}`}`,
    needs: [...ready, ...first, ...needed.map(stage => ({ stage }))],
    ...(!required && { optional: true }),
    arguments: {
      cluster,
      component: name,
      namespace,
      timeout: timeout_s * 1000,
      afterStages: keysOf(ready),
      needs: needed,
      min_version: set.min_version ?? defaults.min_version,
      served: all.flatMap(other => (other.needs.includes(name) ? [other.namespace] : [])),
    },
  })
}

/** Where nothing else is said a chart comes after all components; one that may fail keeps none from beginning. */
function ofChart(
  cluster: string,
  { name, namespace = name, after, timeout_s = defaultTimeout }: PlatformChart,
  components: readonly EnabledComponent[],
  { ready, first }: Beginning,
): StageRequest {
  const isComponent = (one: string) => components.some(({ component }) => component.name === one)
  const needs: readonly Need[] = after
    ? after.map(one => ({ stage: isComponent(one) ? componentKey(one) : chartKey(one) }))
    : components.map(({ component, required }) => ({
        stage: componentKey(component.name),
        ...(!required && { until: 'settled' as const }),
      }))
  return chartStage.request({
    of: name,
    title: `Chart ${name}`,
    needs: [...ready, ...first, ...needs],
    arguments: {
      cluster,
      name,
      namespace,
      timeout: timeout_s * 1000,
      afterStages: keysOf(ready),
      needs: keysOf(needs),
    },
  })
}

/** Each after the one before it, however that one has ended: what it needs it still needs. */
const oneByOne = (stages: readonly StageRequest[]): StageRequest[] => {
  const order = inOrder(stages)
  return order.map((stage, at) => {
    const before = order[at - 1]
    return before && !stage.needs.some(need => need.stage === before.key)
      ? { ...stage, needs: [...stage.needs, { stage: before.key, until: 'settled' }] }
      : stage
  })
}

/** What is needed before what needs it, otherwise as they stand. */
function inOrder(stages: readonly StageRequest[]): StageRequest[] {
  const ordered: StageRequest[] = []
  const put = (stage: StageRequest): void => {
    if (ordered.includes(stage)) return
    for (const need of stage.needs) {
      const needed = stages.find(({ key }) => key === need.stage)
      if (needed) put(needed)
    }
    ordered.push(stage)
  }
  for (const stage of stages) put(stage)
  return ordered
}
