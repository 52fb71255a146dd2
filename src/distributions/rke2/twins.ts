import type { AcceptableWarning } from '../../domain/acceptance.ts'
import type { Finding } from '../../domain/errors.ts'
import type { HostFacts } from '../../hosts/facts.ts'
import { canonicalAddress } from '../../domain/addresses.ts'
import { addressesOf, ansibleIp } from '../../domain/cluster.ts'
import type { Candidate } from './candidate.ts'

/**
 * Machines that can't be told from each other: one that stands in the file twice, under two of its addresses, and those
 * that were cloned from one image. Only of the latter may an id be thrown away.
 */
export function twinFindings(candidates: readonly Candidate[]): Finding[] {
  const machines = grouped(candidates)
  // What one machine shares with itself says nothing more.
  const distinct = machines.flatMap(([first]) => first ?? [])
  const twins = (of: (facts: HostFacts) => string | null) =>
    [...Map.groupBy(distinct, ({ facts }) => of(facts))].flatMap(([id, group]) =>
      id !== null && id !== '' && group.length > 1 ? [group] : [],
    )
  const names = (group: readonly Candidate[]) => `nodes ${group.map(({ node }) => node.hostname).join(', ')}`
  return [
    ...machines
      .filter(group => group.length > 1)
      .map(
        (group): Finding => ({
          name: 'same-machine',
          severity: 'error',
          about: names(group),
          message: `they are one machine under several addresses (${group.map(({ node }) => ansibleIp(node)).join(', ')})`,
          remedy: 'Keep one of these nodes in the cluster file, and give each other one a machine of its own.',
        }),
      ),
    ...twins(facts => facts.machine_id).map(
      (group): Finding => ({
        name: 'equal-machine-id',
        severity: 'error',
        about: names(group),
        message: 'they have the same machine-id',
        remedy: cloneRemedy(group),
      }),
    ),
    ...twins(facts => facts.product_uuid).map(
      (group): Finding => ({
        name: 'equal-product-uuid' satisfies AcceptableWarning,
        severity: 'warning',
        about: names(group),
        message: 'they report the same product_uuid',
        remedy: 'Kubernetes wants it unique; give each virtual machine its own.',
      }),
    ),
    ...twins(facts => facts.hostname).map(
      (group): Finding => ({
        name: 'equal-hostname' satisfies AcceptableWarning,
        severity: 'warning',
        about: names(group),
        message: 'the machines have the same host name',
        remedy: 'Give each its own (hostnamectl set-hostname); Slipway names the nodes as in the cluster file.',
      }),
    ),
  ]
}

/** Each machine with all nodes that lead to it. */
function grouped(candidates: readonly Candidate[]): Candidate[][] {
  const machines: Candidate[][] = []
  for (const candidate of candidates) {
    const known = machines.find(([first]) => first !== undefined && areOneMachine(first, candidate))
    if (known) known.push(candidate)
    else machines.push([candidate])
  }
  return machines
}

/**
 * Clones boot by themselves; containers of one machine share its boot and have their own addresses. On a member those of
 * its pods come and go between two looks, and the address that leads to a machine may be none of its own (behind a NAT,
 * on its loopback): either kind of match is enough.
 */
function areOneMachine(one: Candidate, other: Candidate): boolean {
  const { machine_id, boot_id } = one.facts
  if (machine_id === null || boot_id === null) return false
  if (other.facts.machine_id !== machine_id || other.facts.boot_id !== boot_id) return false
  return haveEqualAddresses(one, other) || (hasAddressOf(one, other) && hasAddressOf(other, one))
}

function haveEqualAddresses(one: Candidate, other: Candidate): boolean {
  const [ones, others] = [one, other].map(({ facts }) => new Set(facts.addresses?.map(canonicalAddress)))
  return ones !== undefined && others !== undefined && ones.size > 0 && ones.symmetricDifference(others).size === 0
}

/** Whether the machine of one has an address under which the file knows the other. */
function hasAddressOf({ facts }: Candidate, { node }: Candidate): boolean {
  const known = [ansibleIp(node), ...addressesOf(node.internal_ip)].map(canonicalAddress)
  return (facts.addresses ?? []).some(address => known.includes(canonicalAddress(address)))
}

/** A member keeps its id: Slipway knows the first server by it, and what runs there may as well. */
function cloneRemedy(group: readonly Candidate[]): string {
  const inUse = group.filter(({ facts }) => facts.data.server || facts.data.agent)
  const keeps = inUse.length > 0 ? inUse : group.slice(0, 1)
  const renewed = group.filter(candidate => !keeps.includes(candidate)).map(({ node }) => node.hostname)
  if (renewed.length === 0) return 'They were cloned, and all are in use: replace all but one by machines of their own.'
  return `They were cloned. On ${renewed.join(', ')}, if nothing else there goes by its id: \`rm -f /etc/machine-id /var/lib/dbus/machine-id && systemd-machine-id-setup\`, and boot again.`
}
