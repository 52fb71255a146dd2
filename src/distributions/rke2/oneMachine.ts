import { canonicalAddress } from '../../domain/addresses.ts'
import { addressesOf, ansibleIp } from '../../domain/cluster.ts'
import type { HostFacts } from './host/facts.ts'
import type { Candidate } from './candidate.ts'

/**
 * Whether two nodes of a file lead to one machine. Clones boot by themselves; containers of one machine share its boot,
 * and have their own addresses and host keys, or at least their own addresses where they were cloned. On a member the
 * addresses of its pods come and go between two looks, and the address that leads to a machine may be none of its own
 * (behind a NAT, on its loopback): either kind of match is enough. One that does not say its addresses is told by its name
 * and its host keys.
 */
export function areOneMachine(one: Candidate, other: Candidate): boolean {
  const { machine_id, boot_id } = one.facts
  if (boot_id === null || other.facts.boot_id !== boot_id || other.facts.machine_id !== machine_id) return false
  // Without an id of the machine the boot alone would not tell two containers apart.
  if (machine_id === null && !shareHostKeys(one, other)) return false
  if (one.facts.addresses === null || other.facts.addresses === null)
    return shareHostKeys(one, other) && one.facts.hostname === other.facts.hostname
  return haveEqualAddresses(one, other) || (hasAddressOf(one, other) && hasAddressOf(other, one))
}

/** Whether both have all their SSH host keys in common. */
export function shareHostKeys(one: Candidate, other: Candidate): boolean {
  const keys = hostKeysOf(one.facts)
  return keys !== '' && keys === hostKeysOf(other.facts)
}

/** All of them as one word; empty where the host tells of none. */
export const hostKeysOf = ({ host_keys }: Pick<HostFacts, 'host_keys'>): string => host_keys.toSorted().join(' ')

function haveEqualAddresses(one: Candidate, other: Candidate): boolean {
  const [ones, others] = [one, other].map(({ facts }) => new Set(facts.addresses?.map(canonicalAddress)))
  return ones !== undefined && others !== undefined && ones.size > 0 && ones.symmetricDifference(others).size === 0
}

/** Whether the machine of one has an address under which the file knows the other. */
function hasAddressOf({ facts }: Candidate, { node }: Candidate): boolean {
  const known = [ansibleIp(node), ...addressesOf(node.internal_ip)].map(canonicalAddress)
  return (facts.addresses ?? []).some(address => known.includes(canonicalAddress(address)))
}
