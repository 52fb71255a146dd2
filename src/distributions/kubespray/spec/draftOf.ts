import { kubesprayNode, kubespraySpec } from './spec.ts'
import type { ClusterDraft, DraftNode } from './rules.ts'

/** The parts of a wrong `spec` that are right, so that the rules over the whole are checked in the same go. */
export function draftOf(spec: unknown): ClusterDraft {
  const { shape } = kubespraySpec
  const nodes = entry(spec, 'nodes')
  return {
    version: shape.version.safeParse(entry(spec, 'version')).data,
    kubespray: shape.kubespray.safeParse(entry(spec, 'kubespray')).data,
    cluster_vars: shape.cluster_vars.safeParse(entry(spec, 'cluster_vars')).data,
    platform: shape.platform.safeParse(entry(spec, 'platform')).data,
    machines: shape.machines.safeParse(entry(spec, 'machines')).data,
    ssh: shape.ssh.safeParse(entry(spec, 'ssh')).data,
    proxy: shape.proxy.safeParse(entry(spec, 'proxy')).data,
    nodes: (Array.isArray(nodes) ? nodes : []).map(draftOfNode),
  }
}

function draftOfNode(node: unknown): DraftNode {
  const { shape } = kubesprayNode
  return {
    hostname: shape.hostname.safeParse(entry(node, 'hostname')).data,
    role: shape.role.safeParse(entry(node, 'role')).data,
    internal_ip: shape.internal_ip.safeParse(entry(node, 'internal_ip')).data,
    external_ip: shape.external_ip.safeParse(entry(node, 'external_ip')).data,
    use_external_ip: shape.use_external_ip.safeParse(entry(node, 'use_external_ip')).data,
    etcd: shape.etcd.safeParse(entry(node, 'etcd')).data,
    schedulable: shape.schedulable.safeParse(entry(node, 'schedulable')).data,
    node_vars: shape.node_vars.safeParse(entry(node, 'node_vars')).data,
    machine: shape.machine.safeParse(entry(node, 'machine')).data,
    ssh: shape.ssh.safeParse(entry(node, 'ssh')).data,
  }
}

const entry = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
