import { canonicalAddress, covers } from '../addresses.ts'
import { addressesOf, type ClusterSpec } from '../cluster.ts'
import type { FindingName } from '../findingCatalogue.ts'
import type { NodeRole } from '../lifecycle.ts'
import type { RuleFinding } from '../ruleFinding.ts'

/** A node as the rules look at it: a field is undefined where it is absent or was found wrong already. */
export interface DraftNode {
  readonly hostname?: string | undefined
  readonly role?: NodeRole | undefined
  readonly internal_ip?: string | undefined
  readonly external_ip?: string | undefined
  readonly use_external_ip?: boolean | undefined
}

interface ClusterDraft {
  readonly proxy?: ClusterSpec['proxy'] | undefined
  readonly nodes: readonly DraftNode[]
}

/** Rules over all nodes that a field alone can't tell, whatever the distribution (C11). Pure. */
export const checkNodes = (spec: ClusterDraft): RuleFinding[] => [
  ...checkRoles(spec),
  ...checkTwins(spec),
  ...checkProxy(spec),
]

const nameOf = (node: DraftNode | undefined): string => node?.hostname ?? 'another node'

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

const canonical = (field: string | undefined): string[] => addressesOf(field).map(canonicalAddress)

/** What no two nodes may share. An address outside counts where the node is reached at it. */
const twinKeys: readonly { name: FindingName; field: string; of: (node: DraftNode) => readonly string[] }[] = [
  { name: 'duplicate-hostname', field: 'hostname', of: node => (node.hostname === undefined ? [] : [node.hostname]) },
  { name: 'duplicate-address', field: 'internal_ip', of: node => canonical(node.internal_ip) },
  {
    name: 'duplicate-address',
    field: 'external_ip',
    of: node => (node.use_external_ip ? canonical(node.external_ip) : []),
  },
]

function checkTwins({ nodes }: ClusterDraft): RuleFinding[] {
  return twinKeys.flatMap(({ name, field, of }) => {
    const first = new Map<string, string>()
    return nodes.flatMap((node, index): RuleFinding[] => {
      const taken = of(node).filter(value => first.has(value))
      for (const value of of(node)) if (!first.has(value)) first.set(value, nameOf(node))
      const [value] = taken
      if (value === undefined) return []
      const other = first.get(value)
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

/** Every node speaks to every server; through a proxy for the outside world it would not reach them. */
function checkProxy({ proxy, nodes }: ClusterDraft): RuleFinding[] {
  if (!proxy?.http_proxy && !proxy?.https_proxy) return []
  const exceptions = proxy.no_proxy ?? []
  const servers = nodes.flatMap(({ role, internal_ip }) => (role !== 'worker' ? addressesOf(internal_ip) : []))
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
