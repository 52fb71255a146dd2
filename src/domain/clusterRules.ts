import { ansibleIp, type ClusterSpec, isServer } from './cluster.ts'
import type { Finding } from './errors.ts'

/** Where in the cluster file a finding belongs: `['nodes', 2, 'hostname']` below `spec`. */
export interface RuleFinding extends Finding {
  readonly path: readonly (string | number)[]
}

/** Rules over a whole cluster that a field alone can't tell (C11). All findings at once; pure. */
export function checkCluster(spec: ClusterSpec): RuleFinding[] {
  return [...checkRoles(spec), ...checkTwins(spec), ...checkSources(spec)]
}

function checkRoles({ nodes }: ClusterSpec): RuleFinding[] {
  const found: RuleFinding[] = []
  const initial = nodes.flatMap((node, index) => (node.role === 'initial_master' ? [{ node, index }] : []))
  if (initial.length === 0)
    found.push({
      name: 'no-initial-master',
      severity: 'error',
      about: 'spec.nodes',
      path: ['nodes'],
      message: 'no node has the role initial_master',
      remedy: 'Give exactly one node the role initial_master.',
    })
  for (const { node, index } of initial.slice(1))
    found.push({
      name: 'two-initial-masters',
      severity: 'error',
      about: `node ${node.hostname}`,
      path: ['nodes', index, 'role'],
      message: `${initial[0]?.node.hostname} is the initial_master already`,
      remedy: 'Give the other servers the role master.',
    })
  const servers = nodes.filter(isServer).length
  if (servers > 0 && servers % 2 === 0)
    found.push({
      name: 'even-servers',
      severity: 'warning',
      about: 'spec.nodes',
      path: ['nodes'],
      message: `${servers} servers tolerate no more failures than ${servers - 1}: etcd needs a majority`,
      remedy: 'Use an odd number of servers, or accept it with --accept even-servers.',
    })
  return found
}

function checkTwins({ nodes }: ClusterSpec): RuleFinding[] {
  const keys = [
    { name: 'duplicate-hostname', field: 'hostname', of: (node: ClusterSpec['nodes'][number]) => node.hostname },
    {
      name: 'duplicate-address',
      field: 'internal_ip',
      of: (node: ClusterSpec['nodes'][number]) => canonicalAddress(node.internal_ip),
    },
    {
      name: 'duplicate-address',
      field: 'external_ip',
      of: (node: ClusterSpec['nodes'][number]) => (node.use_external_ip ? canonicalAddress(ansibleIp(node)) : null),
    },
  ]
  return keys.flatMap(({ name, field, of }) => {
    const first = new Map<string, string>()
    return nodes.flatMap((node, index): RuleFinding[] => {
      const value = of(node)
      if (value === null) return []
      const other = first.get(value)
      if (other === undefined) {
        first.set(value, node.hostname)
        return []
      }
      return [
        {
          name,
          severity: 'error',
          about: `node ${node.hostname}`,
          path: ['nodes', index, field],
          message: `${value} is used by ${other === node.hostname ? 'an earlier node' : other} already`,
          remedy: 'Every node needs a hostname and an address of its own.',
        },
      ]
    })
  })
}

function checkSources(spec: ClusterSpec): RuleFinding[] {
  if (!spec.artifact_url || !spec.artifact_path) return []
  return [
    {
      name: 'two-sources',
      severity: 'error',
      about: 'spec.artifact_path',
      path: ['artifact_path'],
      message: 'artifact_url and artifact_path exclude each other',
      remedy: 'Keep the one that is meant.',
    },
  ]
}

/** One spelling an address, so that `::1` and `0:0:0:0:0:0:0:1` are seen as the same. */
export function canonicalAddress(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}
