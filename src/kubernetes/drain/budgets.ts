import { placeName } from '../resource.ts'
import type { LabelSelector, Pod, PodDisruptionBudget } from '../resources.ts'
import { listed } from './listed.ts'

/** Why pods cannot be evicted, and what would let them go. */
export interface Hold {
  readonly message: string
  readonly remedy: string
}

/**
 * What holds pods that the API does not let go.
 * @param words what the API said of each, by uid
 */
export function holdsOf(
  pods: readonly Pod[],
  budgets: readonly PodDisruptionBudget[],
  words: ReadonlyMap<string, string>,
): readonly Hold[] {
  const covering = (pod: Pod) => budgets.filter(budget => covers(budget, pod))
  const several = pods.filter(pod => covering(pod).length > 1)
  const single = pods.filter(pod => covering(pod).length === 1)
  return [
    ...several.map(pod => ofSeveral(pod, covering(pod))),
    ...budgets.flatMap(budget => {
      const held = single.filter(pod => covers(budget, pod))
      return held.length === 0 ? [] : [holdOf(budget, held)]
    }),
    ...pods
      .filter(pod => covering(pod).length === 0)
      .map(({ metadata }) => ({
        message: `${placeName(metadata)} was held: ${words.get(metadata.uid) ?? 'nobody says why'}`,
        remedy: `Try again: no budget covers ${placeName(metadata)} any more.`,
      })),
  ]
}

function ofSeveral(pod: Pod, budgets: readonly PodDisruptionBudget[]): Hold {
  const names = listed(budgets.map(({ metadata }) => placeName(metadata)))
  return {
    message: `${placeName(pod.metadata)} is covered by several budgets (${names}), and the API evicts no such pod`,
    remedy: `Leave one budget for ${placeName(pod.metadata)}, and remove it from the others (${names}).`,
  }
}

function holdOf(budget: PodDisruptionBudget, pods: readonly Pod[]): Hold {
  const { metadata, spec, status } = budget
  const name = placeName(metadata)
  const rule =
    spec.minAvailable === undefined ? `maxUnavailable ${spec.maxUnavailable}` : `minAvailable ${spec.minAvailable}`
  const held = `holds ${listed(pods.map(pod => placeName(pod.metadata)))}`
  if (!status || (status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return {
      message: `budget ${name} (${rule}) ${held}; it has not been counted yet`,
      remedy: 'Bring kube-controller-manager back, which counts the pods of budgets.',
    }
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = status
  return {
    message: `budget ${name} (${rule}) ${held}: disruptionsAllowed ${disruptionsAllowed}, currentHealthy ${currentHealthy}, desiredHealthy ${desiredHealthy}, expectedPods ${expectedPods}`,
    remedy:
      desiredHealthy >= expectedPods
        ? `Budget ${name} never lets one of its ${expectedPods} pods go: give it more pods (replicas), or loosen its ${rule}.`
        : `Bring up ${Math.max(1, desiredHealthy + 1 - currentHealthy)} more of the pods of budget ${name}, elsewhere: see why they are not ready (kubectl describe).`,
  }
}

export const covers = ({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean =>
  metadata.namespace === pod.metadata.namespace && selects(spec.selector, pod.metadata.labels ?? {})

/** As Kubernetes reads it: none selects nothing, an empty one everything. */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  if (!selector) return false
  const { matchLabels = {}, matchExpressions = [] } = selector
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const label = Object.hasOwn(labels, key) ? labels[key] : undefined
      const isIn = label !== undefined && (values ?? []).includes(label)
      if (operator === 'In') return isIn
      if (operator === 'NotIn') return !isIn
      return (operator === 'Exists') === (label !== undefined)
    })
  )
}
