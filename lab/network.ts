import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import * as addresses from './addresses.ts'
import { LabError } from './errors.ts'
import { hostFolder } from './places.ts'
import { run, succeeds } from './process.ts'
import type { HostRecord, LabRecord } from './record.ts'

/** The lab's bridges. Hosts make their own interfaces when they are switched on (host/network). */
const Link = z.object({ ifname: z.string(), ifalias: z.string().optional() })
const Route = z.object({ dst: z.string() })

export async function links(): Promise<z.infer<typeof Link>[]> {
  return z.array(Link).parse(JSON.parse(await run('ip', '-j', 'link', 'show')))
}

/** The first of the lab's candidate networks that nothing on this machine uses. */
export async function freeNetwork(id: string): Promise<string> {
  for (const network of addresses.networkCandidates(id)) if (await isFree(network)) return network
  throw new LabError(
    'no free network for another lab',
    'End labs you no longer need: lab/lab list, lab/lab down --name X',
  )
}

export async function isFree(network: string): Promise<boolean> {
  const routes = z.array(Route).parse(JSON.parse(await run('ip', '-j', '-4', 'route', 'show', 'table', 'all')))
  const [, second, third] = network.split('.').map(Number)
  return !routes.some(({ dst }) => {
    const [address = '', prefix = '32'] = dst.split('/')
    const [a, b, c] = address.split('.').map(Number)
    if (a !== 10 || b === undefined || c === undefined) return false
    // Two networks overlap when they agree in the shorter of their prefixes; 10.b.c.0 as one number a network of /24.
    const shift = 24 - Math.min(24, Number(prefix))
    return (b * 256 + c) >> shift === ((second ?? 0) * 256 + (third ?? 0)) >> shift
  })
}

/** Makes the bridges unless they are there. `alias` tells a later sweep whose they are. */
export async function makeBridges(lab: LabRecord, alias: string): Promise<void> {
  const outside = addresses.outsideBridge(lab)
  if (await makeBridge(outside, alias)) {
    // The lab's packets end here, also on a machine that forwards others.
    await setOn(outside, { 'ipv4.forwarding': 0, 'ipv6.forwarding': 0 })
    await run('ip', 'address', 'add', `${addresses.controllerAddress(lab)}/24`, 'dev', outside)
    if (lab.network6) await run('ip', 'address', 'add', `${lab.network6}::1/64`, 'dev', outside, 'nodad')
  }
  if (!lab.hosts.some(host => host.place === 'jump')) return
  const inside = addresses.insideBridge(lab)
  if (!(await makeBridge(inside, alias))) return
  await run('ip', 'route', 'replace', 'unreachable', addresses.insideNetwork(lab))
  // Hosts behind the jump host find the release server under the same address, in a name space on their side.
  const space = addresses.releasesNamespace(lab)
  const outer = addresses.releasesLink(lab)
  await run('ip', 'netns', 'add', space)
  await run('ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space)
  await run('ip', '-n', space, 'address', 'add', `${addresses.controllerAddress(lab)}/32`, 'dev', 'eth0')
  await run('ip', '-n', space, 'link', 'set', 'lo', 'up')
  await run('ip', '-n', space, 'link', 'set', 'eth0', 'up')
  await run('ip', '-n', space, 'route', 'add', addresses.insideNetwork(lab), 'dev', 'eth0')
  await run('ip', 'link', 'set', outer, 'master', inside, 'up')
}

/** Makes a bridge unless it is there; true when it was made. */
async function makeBridge(name: string, alias: string): Promise<boolean> {
  if (existsSync(join('/sys/class/net', name))) return false
  await run('ip', 'link', 'add', name, 'type', 'bridge', 'forward_delay', '0', 'stp_state', '0', 'mcast_snooping', '0')
  await run('ip', 'link', 'set', name, 'alias', alias)
  // This machine takes part in the outside bridge only. On the others it would answer ARP for its address as well.
  if (!name.startsWith('slb')) await setOn(name, { 'ipv4.arp_ignore': 8, 'ipv6.disable_ipv6': 1 })
  await run('ip', 'link', 'set', name, 'up')
  return true
}

/** Sets kernel parameters of one interface. */
async function setOn(name: string, parameters: Record<string, number>): Promise<void> {
  for (const [parameter, value] of Object.entries(parameters)) {
    await run('sysctl', '-qw', `net.${parameter.replace('.', `.conf.${name}.`)}=${value}`)
  }
}

/** Makes the island bridges that the record asks for, moves these hosts' interfaces, removes islands nobody is on. */
export async function applyLinks(lab: LabRecord, hosts: HostRecord[], alias: string): Promise<void> {
  const wanted = new Set(lab.hosts.flatMap(host => addresses.linksOf(lab, host)).map(link => link.bridge))
  for (const name of wanted) await makeBridge(name, alias)
  const script = join(import.meta.dirname, 'host/network')
  await Promise.all(hosts.map(host => run('sh', script, 'apply', hostFolder(lab.name, host.name))))
  for (const { ifname } of await links()) {
    const isIsland = ['sli', 'slk'].some(prefix => ifname.startsWith(prefix + lab.id))
    if (isIsland && !wanted.has(ifname)) await run('ip', 'link', 'delete', ifname)
  }
}

/**
 * Lets this machine and every host forget whom they have asked for in vain. Whoever still sent to a host that was away
 * has the kernel ask for its address; until the last of those questions times out, a connection to the host that is
 * back fails with 'No route to host'.
 */
export async function forgetUnreached(lab: LabRecord): Promise<void> {
  const inVain = ['neigh', 'flush', 'nud', 'failed', 'nud', 'incomplete', 'dev']
  const hosts = lab.hosts.flatMap(host => {
    const space = addresses.namespaceOf(lab, host.name)
    return addresses.linksOf(lab, host).map(link => ['-n', space, ...inVain, link.interface])
  })
  // A host that is off has nothing to forget, and no name space.
  await Promise.all([[...inVain, addresses.outsideBridge(lab)], ...hosts].map(args => succeeds('ip', ...args)))
}

/** Removes every interface, name space and route that carries the lab's id. */
export async function removeNetwork(id: string, network: string | null): Promise<void> {
  for (const name of namespacesOf(id)) await run('ip', 'netns', 'delete', name)
  if (network) await succeeds('ip', 'route', 'delete', 'unreachable', `${network}.128/25`)
  for (const ifname of await linksOfLab(id)) await succeeds('ip', 'link', 'delete', ifname)
}

export function namespacesOf(id: string): string[] {
  if (!existsSync('/run/netns')) return []
  return readdirSync('/run/netns').filter(name => name.startsWith(`slipway-${id}`))
}

export async function linksOfLab(id: string): Promise<string[]> {
  const names = (await links()).map(link => link.ifname)
  return names.filter(name => addresses.linkPrefixes.some(prefix => name.startsWith(prefix + id)))
}
