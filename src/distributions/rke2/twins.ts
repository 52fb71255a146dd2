import type { Finding } from '../../domain/errors.ts'
import type { FindingName } from '../../domain/findingCatalogue.ts'
import type { HostFacts } from './host/facts.ts'
import { acceptanceOfKey } from '../../domain/acceptance.ts'
import { ansibleIp } from '../../domain/cluster.ts'
import type { Candidate } from './candidate.ts'
import { areOneMachine, hostKeysOf, shareHostKeys } from './oneMachine.ts'

type Group = readonly Candidate[]

/**
 * Machines that can't be told from each other: one that stands in the file twice, under two of its addresses, and those
 * that were cloned from one image. Only of the latter may an id be thrown away.
 */
export function twinFindings(candidates: Group): Finding[] {
  const machines = machinesOf(candidates)
  // What one machine shares with itself says nothing more.
  const distinct = machines.flatMap(([first]) => first ?? [])
  const alike = (of: (facts: HostFacts) => string | null) =>
    [...Map.groupBy(distinct, ({ facts }) => of(facts))].flatMap(([id, group]) =>
      id === null || id === '' ? [] : [group],
    )
  const clones = alike(facts => facts.machine_id)
  const keyed = alike(hostKeysOf).filter(([first, ...others]) =>
    others.some(other => other.facts.machine_id !== first?.facts.machine_id),
  )
  return [
    ...found(machines, 'same-machine', group => ({
      message: `they are one machine under several addresses (${group.map(({ node }) => ansibleIp(node)).join(', ')})`,
      remedy: 'Keep one of these nodes in the cluster file, and give each other one a machine of its own.',
    })),
    ...found(clones, 'equal-machine-id', group => ({
      message: `they have the same machine-id${areKeyedAlike(group) ? ' and the same SSH host keys' : ''}`,
      remedy: cloneRemedy(group),
    })),
    ...found(keyed, 'equal-host-keys', group => ({
      message: 'they have the same SSH host keys: whoever holds one of them can pass for the others',
      remedy: `They were cloned. ${newKeys(group.slice(1))} Or accept it with --accept equal-host-keys.`,
    })),
    ...found(
      alike(facts => facts.product_uuid),
      'equal-product-uuid',
      () => ({
        message: 'they report the same product_uuid',
        remedy: 'Kubernetes wants it unique; give each virtual machine its own.',
      }),
    ),
    ...found(
      alike(facts => facts.hostname),
      'equal-hostname',
      () => ({
        message: 'the machines have the same host name',
        remedy: 'Give each its own (hostnamectl set-hostname); Slipway names the nodes as in the cluster file.',
      }),
    ),
  ]
}

const inTheWay: ReadonlySet<FindingName> = new Set(['same-machine', 'equal-machine-id'])

/** One finding for each group of several. */
function found(
  grouped: readonly Group[],
  name: FindingName,
  say: (group: Group) => Pick<Finding, 'message' | 'remedy'>,
): Finding[] {
  return grouped
    .filter(group => group.length > 1)
    .map(group => ({
      name,
      severity: inTheWay.has(name) ? 'error' : 'warning',
      about: `nodes ${names(group)}`,
      ...say(group),
    }))
}

const names = (group: Group): string => group.map(({ node }) => node.hostname).join(', ')

/** Each machine with all nodes that lead to it, in their order. Only those of one boot are compared: there are thousands. */
function machinesOf(candidates: Group): Candidate[][] {
  const made: Candidate[][] = []
  const ofBoot = new Map<string | null, Candidate[][]>()
  for (const candidate of candidates) {
    const booted = ofBoot.get(candidate.facts.boot_id) ?? []
    const known = booted.find(([first]) => first !== undefined && areOneMachine(first, candidate))
    if (known) known.push(candidate)
    else {
      const machine = [candidate]
      made.push(machine)
      // Those that do not say when they were booted are never one.
      if (candidate.facts.boot_id !== null) ofBoot.set(candidate.facts.boot_id, [...booted, machine])
    }
  }
  return made
}

const areKeyedAlike = ([first, ...others]: Group): boolean =>
  first !== undefined && others.every(other => shareHostKeys(first, other))

/** A member keeps its id: Slipway knows the first server by it, and what runs there may as well. */
function cloneRemedy(group: Group): string {
  const inUse = group.filter(({ facts }) => facts.data.server || facts.data.agent)
  const keeps = inUse.length > 0 ? inUse : group.slice(0, 1)
  const renewed = group.filter(candidate => !keeps.includes(candidate))
  if (renewed.length === 0) return 'They were cloned, and all are in use: replace all but one by machines of their own.'
  const rekeyed = renewed.filter(candidate => keeps.some(kept => shareHostKeys(kept, candidate)))
  return [
    `They were cloned. On ${names(renewed)}, if nothing else there goes by its id: \`rm -f /etc/machine-id /var/lib/dbus/machine-id && systemd-machine-id-setup\`, and boot again.`,
    ...(rekeyed.length > 0 ? [`The host keys are those of the image as well. ${newKeys(rekeyed)}`] : []),
  ].join(' ')
}

/** A host key is no id that anything but SSH goes by: members get new ones as well. */
const newKeys = (group: Group): string =>
  `On ${names(group)}: \`rm -f /etc/ssh/ssh_host_*_key* && ssh-keygen -A\`, and boot again; a machine that Slipway knows already needs its new key accepted (${group.map(({ node }) => `--accept ${acceptanceOfKey(node.hostname)}`).join(' ')}).`
