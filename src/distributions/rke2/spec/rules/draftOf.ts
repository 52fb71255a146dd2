import { clusterVars, nodeVars } from '../config.ts'
import { rke2Node, rke2Spec } from '../spec.ts'
import type { ClusterDraft } from './draft.ts'

/** The parts of a wrong `spec` that are right, so that the rules over the whole are checked in the same go. */
export function draftOf(spec: unknown): ClusterDraft {
  const { shape } = rke2Spec
  const nodes = entry(spec, 'nodes')
  return {
    version: shape.version.safeParse(entry(spec, 'version')).data,
    api_endpoint: shape.api_endpoint.safeParse(entry(spec, 'api_endpoint')).data,
    vip: shape.vip.safeParse(entry(spec, 'vip')).data,
    cluster_vars: varsOf(clusterVars, entry(spec, 'cluster_vars')),
    artifact_url: shape.artifact_url.safeParse(entry(spec, 'artifact_url')).data,
    artifact_path: shape.artifact_path.safeParse(entry(spec, 'artifact_path')).data,
    files: shape.files.safeParse(entry(spec, 'files')).data,
    platform: shape.platform.safeParse(entry(spec, 'platform')).data,
    machines: shape.machines.safeParse(entry(spec, 'machines')).data,
    ssh: shape.ssh.safeParse(entry(spec, 'ssh')).data,
    proxy: shape.proxy.safeParse(entry(spec, 'proxy')).data,
    nodes: (Array.isArray(nodes) ? nodes : []).map(draftOfNode),
  }
}

function draftOfNode(node: unknown): ClusterDraft['nodes'][number] {
  const { shape } = rke2Node
  return {
    hostname: shape.hostname.safeParse(entry(node, 'hostname')).data,
    role: shape.role.safeParse(entry(node, 'role')).data,
    internal_ip: shape.internal_ip.safeParse(entry(node, 'internal_ip')).data,
    external_ip: shape.external_ip.safeParse(entry(node, 'external_ip')).data,
    use_external_ip: shape.use_external_ip.safeParse(entry(node, 'use_external_ip')).data,
    files: shape.files.safeParse(entry(node, 'files')).data,
    vip_interface: shape.vip_interface.safeParse(entry(node, 'vip_interface')).data,
    machine: shape.machine.safeParse(entry(node, 'machine')).data,
    ssh: shape.ssh.safeParse(entry(node, 'ssh')).data,
    node_vars: varsOf(nodeVars, entry(node, 'node_vars')),
  }
}

const varsOf = <Vars>(
  schema: { safeParse(value: unknown): { data?: Vars } },
  value: unknown,
): Vars | null | undefined => (value === undefined ? undefined : (schema.safeParse(value).data ?? null))

function entry(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}
