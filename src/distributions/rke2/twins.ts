import type { AcceptableWarning } from '../../domain/acceptance.ts'
import type { Finding } from '../../domain/errors.ts'
import type { HostFacts } from '../../hosts/facts.ts'
import { canonicalAddress } from '../../domain/addresses.ts'
import type { Candidate } from './candidate.ts'

/**
 * Machines that can't be told from each other: one that stands in the file twice, under two of its addresses, and those
 * that were cloned from one image. Only of the latter may an id be thrown away.
 */
export function twinFindings(candidates: readonly Candidate[]): Finding[] {
  const machines = [...Map.groupBy(candidates, sameMachine).values()]
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
          message: `they are one machine under several addresses (${group.map(({ node }) => node.internal_ip).join(', ')})`,
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

/** Equal only for looks at one machine: clones boot by themselves, and containers of one machine have their own addresses. */
function sameMachine({ node, facts }: Candidate): string {
  const { machine_id, boot_id, addresses } = facts
  if (machine_id === null || boot_id === null || !addresses || addresses.length === 0) return `node ${node.hostname}`
  return [machine_id, boot_id, ...addresses.map(canonicalAddress).toSorted()].join(' ')
}

/** A member keeps its id: Slipway knows the first server by it, and what runs there may as well. */
function cloneRemedy(group: readonly Candidate[]): string {
  const inUse = group.filter(({ facts }) => facts.data.server || facts.data.agent)
  const keeps = inUse.length > 0 ? inUse : group.slice(0, 1)
  const renewed = group.filter(candidate => !keeps.includes(candidate)).map(({ node }) => node.hostname)
  if (renewed.length === 0) return 'They were cloned, and all are in use: replace all but one by machines of their own.'
  return `They were cloned. On ${renewed.join(', ')}, if nothing else there goes by its id: \`rm -f /etc/machine-id /var/lib/dbus/machine-id && systemd-machine-id-setup\`, and boot again.`
}
