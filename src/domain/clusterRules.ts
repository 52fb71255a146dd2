import { BlockList, isIP } from 'node:net'
import type { ClusterSpec } from './cluster.ts'
import type { Finding } from './errors.ts'
import type { FindingName } from './findingCatalogue.ts'
import type { NodeRole } from './lifecycle.ts'

/** Where in the cluster file a finding belongs: `['nodes', 2, 'hostname']` below `spec`. */
export interface RuleFinding extends Finding {
  readonly path: readonly (string | number)[]
}

/** What the rules look at. A field is undefined where it is absent or was found wrong already; rules leave it out then. */
export interface ClusterDraft {
  readonly artifact_url?: string | undefined
  readonly artifact_path?: string | undefined
  readonly proxy?: ClusterSpec['proxy'] | undefined
  readonly nodes: readonly {
    readonly hostname?: string | undefined
    readonly role?: NodeRole | undefined
    readonly internal_ip?: string | undefined
    readonly external_ip?: string | undefined
    readonly use_external_ip?: boolean | undefined
  }[]
}

/** Rules over a whole cluster that a field alone can't tell (C11). All findings at once; pure. */
export function checkCluster(spec: ClusterDraft): RuleFinding[] {
  return [...checkRoles(spec), ...checkTwins(spec), ...checkSources(spec), ...checkProxy(spec)]
}

const nameOf = (node: ClusterDraft['nodes'][number] | undefined): string => node?.hostname ?? 'another node'

function checkRoles({ nodes }: ClusterDraft): RuleFinding[] {
  const found: RuleFinding[] = []
  const everyRoleKnown = nodes.every(node => node.role !== undefined)
  const initial = nodes.flatMap((node, index) => (node.role === 'initial_master' ? [{ node, index }] : []))
  if (nodes.length > 0 && initial.length === 0 && everyRoleKnown)
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
      about: `node ${nameOf(node)}`,
      path: ['nodes', index, 'role'],
      message: `${nameOf(initial[0]?.node)} is the initial_master already`,
      remedy: 'Give the other servers the role master.',
    })
  const servers = nodes.filter(node => node.role !== 'worker').length
  if (everyRoleKnown && servers > 0 && servers % 2 === 0)
    found.push({
      name: 'even-servers',
      severity: 'warning',
      about: 'spec.nodes',
      path: ['nodes'],
      message: `${servers} servers tolerate no more failures than ${servers - 1}: etcd needs a majority`,
      remedy: 'Use an odd number of servers, or accept it: --accept even-servers.',
    })
  return found
}

/** Which address stands for the node: SSH and Ansible use it, and no other node may have it. */
const twinKeys: readonly {
  name: FindingName
  field: string
  of: (node: ClusterDraft['nodes'][number]) => string | null
}[] = [
  { name: 'duplicate-hostname', field: 'hostname', of: node => node.hostname ?? null },
  {
    name: 'duplicate-address',
    field: 'internal_ip',
    of: node => (node.internal_ip ? canonicalAddress(node.internal_ip) : null),
  },
  {
    name: 'duplicate-address',
    field: 'external_ip',
    of: node => (node.use_external_ip && node.external_ip ? canonicalAddress(node.external_ip) : null),
  },
]

function checkTwins({ nodes }: ClusterDraft): RuleFinding[] {
  return twinKeys.flatMap(({ name, field, of }) => {
    const first = new Map<string, string>()
    return nodes.flatMap((node, index): RuleFinding[] => {
      const value = of(node)
      if (value === null) return []
      const other = first.get(value)
      if (other === undefined) {
        first.set(value, nameOf(node))
        return []
      }
      return [
        {
          name,
          severity: 'error',
          about: `node ${nameOf(node)}`,
          path: ['nodes', index, field],
          message: `${value} is used by ${other === node.hostname ? 'an earlier node' : other} already`,
          remedy: 'Every node needs a hostname and an address of its own.',
        },
      ]
    })
  })
}

function checkSources(spec: ClusterDraft): RuleFinding[] {
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

/** Every node speaks to every server; through a proxy for the outside world it would not reach them. */
function checkProxy({ proxy, nodes }: ClusterDraft): RuleFinding[] {
  if (!proxy?.http_proxy && !proxy?.https_proxy) return []
  const exceptions = proxy.no_proxy ?? []
  const servers = nodes.flatMap(({ role, internal_ip }) => (internal_ip && role !== 'worker' ? [internal_ip] : []))
  const missing = servers.filter(address => !exceptions.some(exception => covers(exception, address)))
  if (missing.length === 0) return []
  return [
    {
      name: 'no-proxy-incomplete',
      severity: 'warning',
      about: 'spec.proxy',
      path: ['proxy'],
      message: `no_proxy does not cover ${missing.join(', ')}: the nodes would reach these servers through the proxy`,
      remedy: `Write no_proxy: [${[...exceptions, ...missing].join(', ')}], or the range they are in; or accept it: --accept no-proxy-incomplete.`,
    },
  ]
}

/** As Go reads NO_PROXY: `*`, an address, or a range; a name never stands for an address. */
function covers(exception: string, address: string): boolean {
  if (exception === '*') return true
  const [network = '', bits, ...more] = exception.split('/')
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(network) === 0 || isIP(network) !== isIP(address) || more.length > 0) return false
  if (bits === undefined) return canonicalAddress(network) === canonicalAddress(address)
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > (family === 'ipv6' ? 128 : 32)) return false
  const range = new BlockList()
  range.addSubnet(network, Number(bits), family)
  return range.check(address, family)
}

/** One spelling an address, so that `::1` and `0:0:0:0:0:0:0:1` are seen as the same. */
export function canonicalAddress(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}
