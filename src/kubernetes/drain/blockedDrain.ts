import { SlipwayError } from '../../domain/errors.ts'
import type { ClusterClient } from '../client.ts'
import { placeName } from '../resource.ts'
import { type Pod, type PodDisruptionBudget, podDisruptionBudgets } from '../resources.ts'
import { type Hold, holdsOf } from './budgets.ts'
import type { Evictions } from './evictions.ts'
import { listed } from './listed.ts'

/** ms to ask for the budgets, once time is over. */
const toTell = 10_000

/**
 * The error of a drain whose time is over.
 * @param left pods that are still there
 * @param evictions what came of asking that they be evicted
 */
export async function blockedDrain(
  client: Pick<ClusterClient, 'list'>,
  node: string,
  { signal, deadline }: { readonly signal: AbortSignal; readonly deadline: number },
  left: readonly Pod[],
  { held, fault }: Pick<Evictions, 'held' | 'fault'>,
): Promise<SlipwayError> {
  const isHeld = ({ metadata }: Pod) => held.has(metadata.uid)
  const budgets: PodDisruptionBudget[] = []
  const namespaces = new Set(left.filter(isHeld).map(({ metadata }) => metadata.namespace))
  for (const namespace of namespaces)
    for await (const budget of client.list(podDisruptionBudgets, { namespace }, { signal, deadline: toTell }))
      budgets.push(budget)
  const reasons = [
    ...holdsOf(left.filter(isHeld), budgets, held),
    ...endings(left.filter(pod => !isHeld(pod) && pod.metadata.deletionTimestamp !== undefined)),
    ...notAsked(
      left.filter(pod => !isHeld(pod) && pod.metadata.deletionTimestamp === undefined),
      fault,
    ),
  ]
  const messages = reasons.map(({ message }) => message)
  return new SlipwayError(
    'drain-blocked',
    `Node ${node} still has ${left.length === 1 ? 'a pod' : `${left.length} pods`} after ${Math.round(deadline / 1000)} s: ${messages.join('; ')}`,
    { remedy: reasons.map(({ remedy }) => remedy).join(' '), facts: { node, pods: left.length } },
  )
}

function endings(pods: readonly Pod[]): readonly Hold[] {
  const finalized = pods.filter(({ metadata }) => (metadata.finalizers ?? []).length > 0)
  const others = pods.filter(pod => !finalized.includes(pod))
  return [
    ...finalized.map(({ metadata }) => ({
      message: `${placeName(metadata)} has ended, and its finalizers (${(metadata.finalizers ?? []).join(', ')}) keep it`,
      remedy: `See why the controller that set the finalizers of ${placeName(metadata)} does not remove them.`,
    })),
    ...(others.length === 0
      ? []
      : [
          {
            message: `told to end, and not gone: ${listed(others.map(({ metadata }) => placeName(metadata)))}`,
            remedy:
              'See whether the kubelet of the node runs, and how long the pods take to end (terminationGracePeriodSeconds).',
          },
        ]),
  ]
}

const notAsked = (pods: readonly Pod[], fault: SlipwayError | null): readonly Hold[] =>
  pods.length === 0
    ? []
    : [
        {
          message: `not evicted yet: ${listed(pods.map(({ metadata }) => placeName(metadata)))}${fault ? ` (${fault.message})` : ''}`,
          remedy: 'Try again with more time.',
        },
      ]
