import type { ProviderCalls } from '../contract.ts'
import { linesOf, virsh } from './virsh.ts'

export interface Domain {
  readonly name: string
  readonly uuid: string
  /** Of the machine that it was made for; null: it was not made by Slipway. */
  readonly uid: string | null
  /** In lower case. */
  readonly macs: readonly string[]
}

type Calls = Pick<ProviderCalls, 'environment' | 'signal'>

/** Every domain there is, on or off. @throws SlipwayError as `virsh`. */
export async function listDomains(uri: string, calls: Calls): Promise<readonly Domain[]> {
  const uuids = linesOf((await virsh(uri, ['list --all --uuid'], calls)).stdout)
  if (uuids.length === 0) return []
  // One that went meanwhile is told by an error, and is not there.
  const { stdout } = await virsh(
    uri,
    uuids.map(uuid => `dumpxml ${uuid}`),
    calls,
  )
  return [...stdout.matchAll(/^<domain[\s>][\s\S]*?^<\/domain>/gm)].map(([text]) => domainOf(text))
}

function domainOf(text: string): Domain {
  const one = (name: string) => new RegExp(`^ {2}<${name}>([^<]*)</${name}>`, 'm').exec(text)?.[1] ?? ''
  return {
    name: one('name'),
    uuid: one('uuid'),
    uid: /Slipway machine ([0-9a-f]{16})\b/.exec(one('description'))?.[1] ?? null,
    macs: [...text.matchAll(/<mac address=['"]([0-9a-fA-F:]{17})['"]/g)].map(([, mac = '']) => mac.toLowerCase()),
  }
}

export interface Volume {
  readonly name: string
  /** What Terraform has as its id, too. */
  readonly path: string
  readonly uid: string | null
}

/** Volumes of a pool; none where there is no such pool. @throws SlipwayError as `virsh`. */
export async function listVolumes(uri: string, pool: string, calls: Calls): Promise<readonly Volume[]> {
  const { stdout } = await virsh(uri, [`vol-list ${pool}`], calls)
  return stdout.split('\n').flatMap(line => {
    const [, name, path] = /^ (\S.*?) {2,}(\S.*?)\s*$/.exec(line) ?? []
    if (name === undefined || path === undefined || (name === 'Name' && path === 'Path')) return []
    return [{ name, path, uid: /-([0-9a-f]{16})(?:-[a-z]+)?(?:\.[a-z0-9]+)?$/.exec(name)?.[1] ?? null }]
  })
}

/**
 * Addresses of a domain: from leases of its network, the guest agent, and the neighbours that the host knows, IPv4 first.
 * Only those of its own interfaces: the agent tells also what runs inside.
 */
export async function addressesOf(uri: string, { uuid, macs }: Domain, calls: Calls): Promise<readonly string[]> {
  const sources = ['lease', 'agent', 'arp']
  const { stdout } = await virsh(
    uri,
    sources.map(source => `domifaddr ${uuid} --source ${source}`),
    calls,
  )
  return addressesIn(stdout, macs)
}

export function addressesIn(stdout: string, macs: readonly string[]): readonly string[] {
  let mac = ''
  const found = stdout.split('\n').flatMap(line => {
    const [, hardware = '', protocol, address = ''] = /^ \S+\s+(\S+)\s+(ipv[46])\s+([0-9a-f.:]+)\//.exec(line) ?? []
    if (protocol === undefined) return []
    // A further one of the interface above.
    if (hardware !== '-') mac = hardware.toLowerCase()
    return macs.includes(mac) && !/^(fe80:|127\.|169\.254\.|::1$)/.test(address) ? [{ protocol, address }] : []
  })
  return [...new Set(found.toSorted((a, b) => a.protocol.localeCompare(b.protocol)).map(({ address }) => address))]
}
