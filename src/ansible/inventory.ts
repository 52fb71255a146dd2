import { ansibleIp, type ClusterSpec, type NodeSpec, type SshSettings } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { hostname } from '../domain/names.ts'
import type { Json } from '../contract/json.ts'

export type HostVariables = Readonly<Record<string, Json>>

export interface InventoryHost {
  /** The node's hostname: names are unique in a cluster, two nodes behind one address are still two. */
  readonly name: string
  readonly variables: HostVariables
}

/** Groups and the names of their members, in the order in which they are written. */
export type Groups = Readonly<Record<string, readonly string[]>>

/** How a distribution's playbooks see the nodes of a cluster. */
export interface InventoryRoles {
  /** Groups that hold hosts themselves. They are there also when nobody is in them. */
  readonly groups: readonly string[]
  /** Groups of groups. */
  readonly parents: Groups
  /** The groups that a node is in, of `groups`; `all` nodes of the inventory may have a say in it. */
  groupsOf(node: NodeSpec, all: readonly NodeSpec[]): readonly string[]
  /** What a host is told besides how it is reached. */
  variables(node: NodeSpec): HostVariables
}

/** What Ansible is to see, before it becomes text of any format. */
export interface Inventory {
  readonly hosts: readonly InventoryHost[]
  readonly groups: Groups
  readonly parents: Groups
  /** Hosts a play must reach and give a result for. Further hosts are there to be looked up, never to be acted on. */
  readonly targets: readonly string[]
}

/**
 * The inventory in which `targets` are acted on and `others` can be looked up.
 * @throws SlipwayError `cluster-conflict` on a name that appears twice or that Ansible would read as something else.
 */
export function renderInventory(
  roles: InventoryRoles,
  { ssh }: Pick<ClusterSpec, 'ssh'>,
  targets: readonly NodeSpec[],
  others: readonly NodeSpec[] = [],
): Inventory {
  const groups = Object.fromEntries(roles.groups.map((group): [string, string[]] => [group, []]))
  const hosts: InventoryHost[] = []
  const names = new Set<string>()
  const all = [...targets, ...others]
  for (const node of all) {
    checkName(node.hostname, names)
    names.add(node.hostname)
    hosts.push({
      name: node.hostname,
      variables: { ...connection(node, { ...ssh, ...node.ssh }), ...roles.variables(node) },
    })
    for (const group of roles.groupsOf(node, all)) groups[group]?.push(node.hostname)
  }
  return { hosts, groups, parents: roles.parents, targets: targets.map(node => node.hostname) }
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

function connection(node: NodeSpec, ssh: SshSettings): HostVariables {
  const user = ssh.user ?? 'root'
  return {
    ansible_connection: 'ssh',
    ansible_host: ansibleIp(node),
    ansible_port: ssh.port ?? 22,
    ansible_user: user,
    ansible_become: ssh.sudo ?? user !== 'root',
    ansible_become_method: 'sudo',
    ansible_become_user: 'root',
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
