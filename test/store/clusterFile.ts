import type { Rke2Spec } from '../../src/distributions/rke2/spec/spec.ts'
import type { ClusterFile, NodeSpec } from '../../src/domain/cluster.ts'

export const node = (
  hostname: string,
  internal_ip: string,
  role: NodeSpec['role'] = 'worker',
  rest: Partial<NodeSpec> & Readonly<Record<string, unknown>> = {},
): NodeSpec => ({ hostname, internal_ip, role, ...rest })

export const clusterFileOf = (name: string, nodes: readonly NodeSpec[], rest: Partial<Rke2Spec> = {}): ClusterFile => ({
  apiVersion: 'slipway/v1',
  kind: 'Cluster',
  metadata: { name },
  spec: { distribution: 'rke2', version: 'v1.34.1+rke2r1', ...rest, nodes: [...nodes] },
})
