import { createHash } from 'node:crypto'
import type { HostRecord, LabRecord } from './record.ts'

/**
 * Names and addresses, all derived from the lab's record. A lab is one /24:
 *   .1          the machine itself (controller and release server)
 *   .11 …       hosts
 *   .128/25     hosts behind a jump host, on a bridge that the machine has no address on; .129 is the jump host there
 */
type Lab = Pick<LabRecord, 'id' | 'network' | 'network6'>

export const idOf = (folder: string): string => createHash('sha256').update(folder).digest('hex').slice(0, 6)

/** Candidates for a lab's network, in the order to try; stays clear of the usual pod and service networks. */
export function* networkCandidates(id: string): Generator<string> {
  const start = Number.parseInt(id, 16)
  for (let step = 0; step < 256; step++) {
    const n = (start + step * 7919) % (50 * 256)
    yield `10.${200 + Math.floor(n / 256)}.${n % 256}`
  }
}

/** Written as `ip` and Ansible write it: the second group has no leading zero. */
export const network6Of = (id: string): string => {
  return `fd${id.slice(0, 2)}:${(Number.parseInt(id.slice(2), 16) | 0x1000).toString(16)}`
}

export const mostHosts = (behindJump: boolean): number => (behindJump ? 120 : 115)

export const controllerAddress = (lab: Lab): string => `${lab.network}.1`
export const insideNetwork = (lab: Lab): string => `${lab.network}.128/25`

export function addressOf(lab: Lab, host: HostRecord): string {
  return `${lab.network}.${lastNumber(host)}`
}

export function address6Of(lab: Lab, host: HostRecord): string | null {
  return lab.network6 && `${lab.network6}::${lastNumber(host).toString(16)}`
}

const lastNumber = (host: HostRecord): number => (host.place === 'inside' ? 131 : 11) + host.number

/** Prefixes of interface names in the machine's name space; all are followed by the lab's id. */
export const linkPrefixes = ['slb', 'slj', 'sli', 'slk', 'slv', 'slw', 'slr']

export const outsideBridge = (lab: Lab): string => `slb${lab.id}`
export const insideBridge = (lab: Lab): string => `slj${lab.id}`
export const islandBridge = (lab: Lab, side: 'outside' | 'inside', island: number): string =>
  `${side === 'outside' ? 'sli' : 'slk'}${lab.id}-${island}`
export const releasesLink = (lab: Lab): string => `slr${lab.id}`

export const namespaceOf = (lab: Pick<Lab, 'id'>, what: string): string => `slipway-${lab.id}-${what}`
/** Where the release server listens for hosts behind the jump host. */
export const releasesNamespace = (lab: Lab): string => `slipway-${lab.id}.releases`
export const machineOf = (lab: Lab, host: HostRecord): string => `${lab.id}-${host.name}`

export interface Link {
  interface: string
  outer: string
  bridge: string
  side: 'outside' | 'inside'
  mac: string
  address: string
  address6: string | null
}

/** A host's interfaces with the bridges they belong into now. */
export function linksOf(lab: Lab, host: HostRecord): Link[] {
  const link = (name: string, side: 'outside' | 'inside', last: number, prefix: number): Link => ({
    interface: name,
    outer: `${name === 'eth0' ? 'slv' : 'slw'}${lab.id}-${last}`,
    bridge:
      host.island !== null
        ? islandBridge(lab, side, host.island)
        : side === 'outside'
          ? outsideBridge(lab)
          : insideBridge(lab),
    side,
    mac: `02:${lab.id.match(/../g)?.join(':')}:${side === 'outside' ? '00' : '01'}:${last.toString(16).padStart(2, '0')}`,
    address: `${lab.network}.${last}/${prefix}`,
    address6: lab.network6 && side === 'outside' ? `${lab.network6}::${last.toString(16)}/64` : null,
  })
  const last = lastNumber(host)
  if (host.place === 'outside') return [link('eth0', 'outside', last, 24)]
  if (host.place === 'inside') return [link('eth0', 'inside', last, 25)]
  return [link('eth0', 'outside', last, 24), link('eth1', 'inside', 129, 25)]
}

/** A default route, because a host without one is unlike any other; nobody forwards what takes it. */
export function routesOf(lab: Lab, host: HostRecord): string[] {
  const gateway = controllerAddress(lab)
  const routes = host.place === 'inside' ? [`${gateway}/32 dev eth0`] : []
  return [...routes, `default via ${gateway} dev eth0`]
}
