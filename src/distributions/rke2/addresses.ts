import { canonicalAddress } from '../../domain/addresses.ts'
import { addressesOf } from '../../domain/cluster.ts'
import type { Finding } from '../../domain/errors.ts'
import type { Candidate } from './candidate.ts'

/** The addresses of `internal_ip`, each in one spelling. */
export const internalAddresses = ({ internal_ip }: { readonly internal_ip: string }): string[] =>
  addressesOf(internal_ip).map(canonicalAddress)

const longest = 8

/**
 * etcd and kubelet bind to `internal_ip`: where the machine has no such address, RKE2 ends at its start. The address that
 * is reached from outside may be another machine's (NAT), so nothing is asked of `external_ip`.
 */
export function addressFindings({ node, facts }: Candidate): Finding[] {
  const { addresses } = facts
  if (addresses === null) return []
  const own = new Set(addresses.map(canonicalAddress))
  const missing = internalAddresses(node).filter(address => !own.has(address))
  if (missing.length === 0) return []
  const usable = addresses.filter(address => !/^(fe80:|169\.254\.)/i.test(address))
  const shown = usable.slice(0, longest).join(', ')
  return [
    {
      name: 'internal-ip-elsewhere',
      severity: 'error',
      about: `node ${node.hostname}`,
      message: `internal_ip ${missing.join(' and ')} is no address of this machine; it has ${shown || 'none'}${usable.length > longest ? ' …' : ''}`,
      remedy: 'Write the address by which the other nodes reach this machine, or give it to the machine.',
    },
  ]
}
