import { field, validParts } from '../../../validParts.ts'
import { clusterVars, nodeVars } from '../config.ts'
import { rke2Node, rke2Spec } from '../spec.ts'
import type { ClusterDraft } from './draft.ts'

const ofCluster = [
  ...(['version', 'api_endpoint', 'vip', 'artifact_url', 'artifact_path'] as const),
  ...(['files', 'platform', 'machines', 'ssh', 'proxy'] as const),
]
const ofNode = [
  ...(['hostname', 'role', 'internal_ip', 'external_ip', 'use_external_ip'] as const),
  ...(['files', 'vip_interface', 'machine', 'ssh'] as const),
]

/** The parts of a wrong `spec` that are right, so that the rules over the whole are checked in the same go. */
export function draftOf(spec: unknown): ClusterDraft {
  const nodes = field(spec, 'nodes')
  return {
    ...validParts(rke2Spec.shape, spec, ofCluster),
    cluster_vars: varsOf(clusterVars, field(spec, 'cluster_vars')),
    nodes: (Array.isArray(nodes) ? nodes : []).map(node => ({
      ...validParts(rke2Node.shape, node, ofNode),
      node_vars: varsOf(nodeVars, field(node, 'node_vars')),
    })),
  }
}

const varsOf = <Vars>(
  schema: { safeParse(value: unknown): { data?: Vars } },
  value: unknown,
): Vars | null | undefined => (value === undefined ? undefined : (schema.safeParse(value).data ?? null))
