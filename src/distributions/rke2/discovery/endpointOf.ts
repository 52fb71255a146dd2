import { addressesOf, isServer } from '../../../domain/cluster.ts'
import { canonicalAddress } from '../../../domain/addresses.ts'
import { addressOfServer } from '../files/configEntries.ts'
import type { Rke2Node } from '../spec/spec.ts'
import { type Settings, textsOf } from './settings.ts'
import type { ReadMachine } from './variables.ts'

/**
 * The address that outlives each server, where the cluster has one: machines join there, it is no node's own, and the
 * certificate of every server names it. Pure.
 */
export function endpointOf(machines: readonly ReadMachine[], nodes: readonly Rke2Node[]): string | undefined {
  const own = new Set(
    nodes.flatMap(node => [node.hostname, ...addressesOf(node.internal_ip), ...addressesOf(node.external_ip)]),
  )
  const joined = new Set(machines.flatMap(({ settings }) => joinedAt(settings) ?? []))
  const [address, ...others] = [...joined].filter(one => !own.has(canonical(one)))
  if (address === undefined || others.length > 0) return undefined
  const servers = machines.filter(({ node }) => isServer(node))
  return servers.every(({ settings }) => textsOf(settings.get('tls-san')).includes(address)) ? address : undefined
}

/** The address at which a machine was told to join, in the usual way; null: it was told nothing of the kind. */
export function joinedAt(settings: Settings): string | null {
  const [url] = textsOf(settings.get('server'))
  return url === undefined ? null : addressOfServer(url)
}

const canonical = (address: string): string => (address.includes(':') ? canonicalAddress(address) : address)
