import { ansibleIp, type ClusterSpec, type NodeSpec, type SshSettings } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { hostname } from '../domain/names.ts'
import type { Json } from '../engine/stage.ts'

export type InventoryStage = 'initial_master' | 'joining_masters' | 'workers' | 'all'

export type HostVariables = Readonly<Record<string, Json>>

export interface InventoryHost {
  /** The node's hostname: names are unique in a cluster, two nodes behind one address are still two. */
  readonly name: string
  readonly variables: HostVariables
}

/** Groups that hold hosts themselves; `masters` and `rke2_cluster` are made of them. */
export const hostGroups = ['initial_master', 'joining_masters', 'workers', 'new_nodes'] as const
export type HostGroup = (typeof hostGroups)[number]

/** Groups of groups. */
export const parentGroups = {
  masters: ['initial_master', 'joining_masters'],
  rke2_cluster: ['masters', 'workers'],
} as const

/** What Ansible is to see, before it becomes text of any format. */
export interface Inventory {
  readonly hosts: readonly InventoryHost[]
  readonly groups: Readonly<Record<HostGroup, readonly string[]>>
  /** Hosts a play must reach and give a result for. Further hosts are there to be looked up, never to be acted on. */
  readonly targets: readonly string[]
}

/** As much of a cluster as an inventory needs. */
export type InventoryCluster = Pick<ClusterSpec, 'nodes' | 'ssh'>

const nodeRole = { initial_master: 'initial_master', master: 'joining_master', worker: 'worker' } as const
const groupOf = { initial_master: 'initial_master', master: 'joining_masters', worker: 'workers' } as const

/**
 * The hosts of one installation stage; `nodes` narrows it to some of them (one joiner, one batch of workers).
 * @throws SlipwayError `cluster-conflict` on a name that appears twice or that Ansible would read as something else.
 */
export function renderForStage(
  cluster: InventoryCluster,
  stage: InventoryStage,
  nodes: readonly NodeSpec[] = cluster.nodes,
): Inventory {
  const chosen = nodes.filter(node => stage === 'all' || groupOf[node.role] === stage)
  return inventoryOf(cluster, chosen, [])
}

/** New hosts in `new_nodes` and in their roles' groups, plus the servers they join through. */
export function renderForScaleAdd(cluster: InventoryCluster, newNodes: readonly NodeSpec[]): Inventory {
  const names = new Set(newNodes.map(node => node.hostname))
  const servers = cluster.nodes.filter(node => node.role !== 'worker' && !names.has(node.hostname))
  return inventoryOf(cluster, newNodes, servers)
}

function inventoryOf(cluster: InventoryCluster, targets: readonly NodeSpec[], others: readonly NodeSpec[]): Inventory {
  const groups: Record<HostGroup, string[]> = { initial_master: [], joining_masters: [], workers: [], new_nodes: [] }
  const hosts: InventoryHost[] = []
  const names = new Set<string>()
  for (const node of [...targets, ...others]) {
    checkName(node.hostname, names)
    names.add(node.hostname)
    hosts.push({ name: node.hostname, variables: hostVariables(node, { ...cluster.ssh, ...node.ssh }) })
    groups[groupOf[node.role]].push(node.hostname)
  }
  if (others.length > 0) groups.new_nodes.push(...targets.map(node => node.hostname))
  return { hosts, groups, targets: targets.map(node => node.hostname) }
}

/** Ansible expands ranges and ports in host names and merges twins silently, so no such name goes further. */
function checkName(name: string, taken: ReadonlySet<string>): void {
  const parsed = hostname.safeParse(name)
  if (!parsed.success)
    throw new SlipwayError(
      'cluster-conflict',
      `${JSON.stringify(name)} cannot be an inventory name: ${parsed.error.issues[0]?.message ?? 'not a hostname'}`,
    )
  if (taken.has(name)) throw new SlipwayError('cluster-conflict', `the hostname ${name} appears twice`)
}

function hostVariables(node: NodeSpec, ssh: SshSettings): HostVariables {
  const user = ssh.user ?? 'root'
  return {
    ansible_connection: 'ssh',
    ansible_host: ansibleIp(node),
    ansible_port: ssh.port ?? 22,
    ansible_user: user,
    ansible_become: ssh.sudo ?? user !== 'root',
    ansible_become_method: 'sudo',
    ansible_become_user: 'root',
    node_role: nodeRole[node.role],
    rke2_type: node.role === 'worker' ? 'agent' : 'server',
  }
}

/** The same inventory with further variables: `common` for every host, `hosts` by name (these win). */
export function withVariables(
  inventory: Inventory,
  common: HostVariables,
  hosts: Readonly<Record<string, HostVariables>> = {},
): Inventory {
  return {
    ...inventory,
    hosts: inventory.hosts.map(host => ({
      name: host.name,
      variables: { ...host.variables, ...common, ...hosts[host.name] },
    })),
  }
}
