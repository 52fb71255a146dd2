import type { Unmet } from '../../../engine/contract/stage.ts'
import type { StageArguments } from '../arguments.ts'
import { reached, type ReachedHost } from '../observedHost.ts'
import { hasOurs, holders, type ObservedVip } from './look.ts'
import { podPath } from './kubeVip.ts'
import { dataDirOf, interfacesOf } from './wanted.ts'

/** What stands in the way of a VIP on the servers of a stage. */
export function vipFindings(stage: StageArguments, observed: ObservedVip): Unmet[] {
  const { vip } = stage.cluster
  if (!vip) return []
  return [
    ...reached(observed.seen.nodes).flatMap(host => hostFindings(stage, host, observed)),
    ...takenFindings(vip.address, observed),
  ]
}

function hostFindings(stage: StageArguments, host: ReachedHost, { unavailable }: ObservedVip): Unmet[] {
  const { vip } = stage.cluster
  const { node, facts } = host
  if (!vip) return []
  const { hostname } = node
  const found: Unmet[] = []
  const add = (finding: Pick<Unmet, 'name' | 'severity' | 'message' | 'remedy'>) =>
    found.push({ ...finding, about: `node ${hostname}`, hosts: [hostname] })
  const interfaces = interfacesOf(node, vip, facts)
  const all = [...new Set(facts.interfaces?.map(one => one.interface))].join(', ')
  if (interfaces.own === null || interfaces.vip === null)
    add({
      name: 'vip-interface',
      severity: 'error',
      message:
        interfaces.own === null
          ? `no interface has the address ${node.internal_ip}, so nobody can say which one is to get the VIP`
          : `it has no interface ${node.vip_interface ?? vip.interface}; it has ${all || 'none'}`,
      remedy: 'Name the interface: vip.interface for all servers, vip_interface for one of them.',
    })
  else if (!interfaces.inside && !stage.accepted.includes('vip-outside'))
    add({
      name: 'vip-outside',
      severity: 'warning',
      message: `${vip.address} is in no network of its interface ${interfaces.vip}: machines beside it would not find it there`,
      remedy:
        'Take an address of the network that the servers are in, or name the right interface. Where your routers lead to it, accept it: --accept vip-outside.',
    })
  const pod = podPath(dataDirOf(stage))
  if (vip.provider === 'kube-vip' && facts.vip.files.some(({ path, ours }) => path === pod && !ours))
    add({
      name: 'vip-file-taken',
      severity: 'error',
      message: `${pod} lies there already, and is not Slipway’s`,
      remedy: `Remove it on ${hostname}, so that Slipway brings its own; or leave spec.vip out, and name the address in api_endpoint.`,
    })
  const reason = unavailable.get(hostname)
  if (reason !== undefined)
    add({
      name: 'keepalived-missing',
      severity: 'error',
      message: `keepalived is not installed, and cannot be: ${reason}`,
      remedy: `Install the package keepalived on ${hostname}, or give its package manager a source that has it; or take provider: kube-vip.`,
    })
  return found
}

/** The address belongs to somebody already: on the network, or on a server without us. */
function takenFindings(address: string, { taken, servers }: ObservedVip): Unmet[] {
  const strangers = holders(servers, address).filter(host => !hasOurs(host))
  const known = servers.some(host => host.error === null && hasOurs(host))
  const found: Unmet[] = []
  if (taken !== null)
    found.push({
      name: 'vip-taken',
      severity: 'error',
      about: 'spec.vip.address',
      message: `${address} is answered by ${taken.mac} already, which is no server of this cluster (asked from ${taken.from})`,
      remedy:
        'Take an address that is free, and that no DHCP server gives away; or take it from the machine that has it.',
    })
  // One that has left with its VIP on is told to give it up by its own stage.
  for (const { node } of known ? [] : strangers)
    found.push({
      name: 'vip-taken',
      severity: 'error',
      about: `node ${node.hostname}`,
      message: `it has ${address} on an interface already, and not from Slipway`,
      remedy: `Take the address from ${node.hostname} (ip address show to ${address} names the interface) and from whatever sets it there, or take another one.`,
    })
  return found
}
