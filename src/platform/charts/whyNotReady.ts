import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { labelSelector } from '../../kubernetes/labels.ts'
import { type Event, events, type Pod, pods } from '../../kubernetes/resources.ts'
import { workloads } from '../../kubernetes/workloads.ts'
import type { WorkloadOf } from './workload.ts'

/** Of each kind of reason. */
const mostReasons = 3

/** What pods of a workload, and the last warnings about them and it, say of why it is not ready. Empty: nothing. */
export async function whyNotReady(
  client: Pick<ClusterClient, 'get' | 'snapshot'>,
  workload: WorkloadOf,
  call: Call,
): Promise<string[]> {
  const { kind, namespace, name } = workload
  const object = await client.get(workloads[kind], workload, call)
  const selector = labelSelector(object?.spec.selector?.matchLabels ?? {})
  const [found, warned] = await Promise.all([
    selector === '' ? { items: [] } : client.snapshot(pods, { namespace, labelSelector: selector }, call),
    client.snapshot(events, { namespace, fieldSelector: 'type=Warning' }, call),
  ])
  return reasonsIn({ kind, name }, found.items, warned.items)
}

/** Of its pods, and of warnings in their namespace. Pure. */
export function reasonsIn(
  { kind, name }: Pick<WorkloadOf, 'name'> & { readonly kind: string },
  found: readonly Pod[],
  warned: readonly Event[],
): string[] {
  const about = new Set([`${kind}/${name}`, ...found.map(({ metadata }) => `Pod/${metadata.name}`)])
  const warnings = warned
    .filter(({ involvedObject }) => {
      const of = `${involvedObject.kind}/${involvedObject.name}`
      return about.has(of) || (kind === 'Deployment' && of.startsWith(`ReplicaSet/${name}-`))
    })
    .toSorted((one, other) => (timeOf(one) < timeOf(other) ? 1 : -1))
  const reasons = [...new Set(found.flatMap(podReasons))].slice(0, mostReasons)
  // A scheduler says the same in the pod and in an event.
  const others = warnings.filter(({ message = '' }) => !reasons.some(reason => reason.includes(message.trim())))
  const told = [...new Set(others.map(({ reason, message }) => `${reason}: ${message?.trim()}`))].slice(0, mostReasons)
  return [...reasons, ...told]
}

const timeOf = ({ lastTimestamp, eventTime }: Event): string => lastTimestamp ?? eventTime ?? ''

/** `pod web-1: container web waits: ImagePullBackOff (Back-off pulling image …)` */
function podReasons({ metadata, status }: Pod): string[] {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False')
    return [`pod ${metadata.name}: no node takes it: ${scheduled.message ?? scheduled.reason}`]
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].flatMap(({ name, state }) => {
    const { waiting, terminated } = state ?? {}
    if (waiting?.reason && waiting.reason !== 'PodInitializing' && waiting.reason !== 'ContainerCreating')
      return [`pod ${metadata.name}: container ${name} waits: ${waiting.reason}${inBrackets(waiting.message)}`]
    if (terminated && terminated.exitCode !== 0)
      return [
        `pod ${metadata.name}: container ${name} ended with ${terminated.exitCode}${inBrackets(terminated.message ?? terminated.reason)}`,
      ]
    return []
  })
}

const inBrackets = (text: string | undefined): string => (text ? ` (${text.trim()})` : '')
