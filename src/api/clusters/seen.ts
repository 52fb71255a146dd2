import type { ApiNodes } from '../../clusters/apiNodes.ts'
import type { ApiNode } from '../../contract/drift.ts'
import type { Finding } from '../../domain/errors.ts'
import type { Node } from '../../kubernetes/resources.ts'

const rolePrefix = 'node-role.kubernetes.io/'

/** A Node in the words of a drift report. */
export function apiNodeOf({ metadata, spec, status }: Node): ApiNode {
  const labels = metadata.labels ?? {}
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return {
    ready: ready?.status === 'True',
    reason: ready?.status === 'True' ? null : whyNot(ready),
    kubelet_version: status?.nodeInfo?.kubeletVersion ?? null,
    unschedulable: spec.unschedulable === true,
    roles: Object.keys(labels)
      .filter(label => label.startsWith(rolePrefix))
      .map(label => label.slice(rolePrefix.length))
      .toSorted(),
    labels,
    taints: (spec.taints ?? []).map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`),
  }
}

type Condition = NonNullable<NonNullable<Node['status']>['conditions']>[number]

function whyNot(ready: Condition | undefined): string {
  if (!ready) return 'its kubelet has told nothing yet'
  const since = ready.lastTransitionTime ? ` since ${ready.lastTransitionTime}` : ''
  return `${ready.reason ?? 'NotReady'}${since}${ready.message ? `: ${ready.message}` : ''}`
}

/** Nodes that nobody on record is. */
export function foreignNodes(
  { nodes }: ApiNodes,
  recorded: ReadonlySet<string>,
): { readonly names: readonly string[]; readonly findings: readonly Finding[] } {
  const names = (nodes ?? []).map(({ metadata }) => metadata.name).filter(name => !recorded.has(name))
  const findings = names.map(
    (name): Finding => ({
      name: 'foreign-node',
      severity: 'warning',
      about: `node ${name}`,
      message: 'the cluster has this Node, and it is not on record',
      remedy: `If it belongs to the cluster, add it to the cluster file and apply. If not: kubectl drain ${name} --ignore-daemonsets, end RKE2 on its machine, then kubectl delete node ${name}.`,
    }),
  )
  return { names, findings }
}
