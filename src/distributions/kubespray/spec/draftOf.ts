import { field, validParts } from '../../validParts.ts'
import { kubesprayNode, kubespraySpec } from './spec.ts'
import type { ClusterDraft } from './rules.ts'

const ofCluster = ['version', 'kubespray', 'cluster_vars', 'platform', 'machines', 'ssh', 'proxy'] as const
const ofNode = [
  ...(['hostname', 'role', 'internal_ip', 'external_ip', 'use_external_ip'] as const),
  ...(['etcd', 'schedulable', 'node_vars', 'machine', 'ssh'] as const),
]

/** The parts of a wrong `spec` that are right, so that the rules over the whole are checked in the same go. */
export function draftOf(spec: unknown): ClusterDraft {
  const nodes = field(spec, 'nodes')
  return {
    ...validParts(kubespraySpec.shape, spec, ofCluster),
    nodes: (Array.isArray(nodes) ? nodes : []).map(node => validParts(kubesprayNode.shape, node, ofNode)),
  }
}
