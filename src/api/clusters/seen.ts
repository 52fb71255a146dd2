import type { ApiNodes } from '../../clusters/apiNodes.ts'
import { taintText } from '../../clusters/labels/marks.ts'
import type { ApiNode } from '../../contract/drift.ts'
import type { Finding } from '../../domain/errors.ts'
import { type RecordedNode, wasMember } from '../../domain/recordedCluster.ts'
import { type NodeCondition, readyCondition, rolePrefix } from '../../kubernetes/nodeStanding.ts'
import type { Node } from '../../kubernetes/resources.ts'

/** A Node in the words of a drift report. */
export function apiNodeOf(node: Node): ApiNode {
  const { metadata, spec, status } = node
  const labels = metadata.labels ?? {}
  const ready = readyCondition(node)
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
    taints: (spec.taints ?? []).map(taintText),
  }
}

function whyNot(ready: NodeCondition | undefined): string {
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

/** Members on record that have no Node, or one that is not ready, as far as the API answers. */
export function lostNodes({ nodes }: ApiNodes, recorded: readonly RecordedNode[]): Finding[] {
  if (nodes === null) return []
  const byName = new Map(nodes.map(node => [node.metadata.name, apiNodeOf(node)]))
  return recorded.filter(wasMember).flatMap(({ hostname, status }): Finding[] => {
    const node = byName.get(hostname)
    // One that has failed on record differs in nothing where it is not ready.
    if (node?.ready || (node && status === 'failed')) return []
    const about = `node ${hostname}`
    if (node)
      return [
        {
          name: 'node-not-ready',
          severity: 'warning',
          about,
          message: `it is not ready: ${node.reason}`,
          remedy: 'See whether its machine is there, and what its kubelet says: journalctl on that machine.',
        },
      ]
    return [
      {
        name: 'node-gone',
        severity: 'warning',
        about,
        message: 'it is on record, and the cluster has no such Node',
        remedy:
          'If it is to be there, bring it back. If not: slipway scale remove, or discover again where others have made the cluster.',
      },
    ]
  })
}
