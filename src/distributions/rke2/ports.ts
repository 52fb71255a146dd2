import { primaryAddress } from '../../domain/cluster.ts'
import type { StageContext, Unmet } from '../../engine/contract/stage.ts'
import { checkPorts, type PortTarget } from '../../hosts/ports.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import type { ReachedHost } from './observedHost.ts'
import type { Rke2Session } from './session.ts'

/** Ports of a server that every member must reach, and those that servers need of each other (RKE2 networking requirements). */
const towardsServers = [9345, 6443]
const betweenServers = [2379, 2380]

/**
 * Whether the machines can reach each other where they will have to (C10). A refused connection counts as reachable:
 * nothing listens yet, but nothing is in the way either. One command a host.
 */
export async function portFindings(
  session: Rke2Session,
  { servers }: StageArguments,
  fresh: readonly ReachedHost[],
  context: StageContext,
): Promise<Unmet[]> {
  const hosts = await session.hosts()
  const found = await Promise.all(
    fresh.map(async ({ node }) => {
      const targets = portsNeeded(node, servers)
      if (targets.length === 0) return []
      const states = await context.observations.read(`ports/${node.hostname}`, () =>
        checkPorts(hosts, node.hostname, targets, 3000, { signal: context.signal }),
      )
      const blocked = states.filter(({ state }) => state === 'unreachable')
      return [...Map.groupBy(blocked, ({ address }) => address)].map(
        ([address, ports]): Unmet => ({
          name: 'port-unreachable',
          severity: 'error',
          about: `node ${node.hostname}`,
          message: `cannot reach ${address} on ${ports.map(({ port }) => port).join(', ')}`,
          remedy: 'Open these TCP ports between the nodes, or correct internal_ip.',
        }),
      )
    }),
  )
  return found.flat()
}

export function portsNeeded(node: NodeArguments, servers: readonly NodeArguments[]): PortTarget[] {
  const ports = node.role === 'worker' ? towardsServers : [...towardsServers, ...betweenServers]
  return servers
    .filter(server => server.hostname !== node.hostname)
    .flatMap(server => ports.map(port => ({ address: primaryAddress(server), port })))
}
