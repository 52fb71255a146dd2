import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { addressOf, linksOf, mostHosts } from './addresses.ts'
import { cloudInitOf } from './cloud-init/tree.ts'
import { LabError } from './errors.ts'
import { type Guest, type GuestOptions, guestOf, readGuest, writeGuest } from './guest.ts'
import { boot, kill, stateOf, untilAnswers, updateHostsFile } from './host.ts'
import { seedHost, writeClientFiles } from './identity.ts'
import { withLock } from './lock.ts'
import { guestLock, hostFolder, labFolder, labLock } from './places.ts'
import { checkedName, type HostRecord, type LabRecord, readRecord, writeRecord } from './record.ts'
import { newHost } from './shape.ts'
import { takeDown } from './takedown.ts'

/** Machines that come and go while a lab is up, as those of a provider do: many at once, and each by itself. */

export interface GuestDescription {
  name: string
  address: string
  mac: string
  /** Whether its user data asks for the guest agent. */
  agent: boolean
}

/**
 * Boots one more host, and returns when its sshd answers. The same again is no change; one that is off is booted. The lab
 * is locked only while its record changes, so that others boot beside it.
 */
export function addGuest(
  lab: string,
  name: string,
  options: GuestOptions & { address?: string | undefined },
): Promise<GuestDescription> {
  const { address, ...rest } = options
  const guest = guestOf(rest)
  return withLock(guestLock(lab, checkedName(name, 'host')), async () => {
    const record = await withLock(labLock(lab), () => takeIn(requireLab(lab), name, guest, address))
    const host = hostIn(record, name)
    try {
      await boot(record, host)
      await untilAnswers(record, host)
    } finally {
      await withLock(labLock(lab), () => settle(record, host))
    }
    const mac = linksOf(record, host)[0]?.mac ?? ''
    return { name, address: addressOf(record, host), mac, agent: cloudInitOf(guest).agent }
  })
}

/** Pulls the plug of a machine that was added, and removes all of it; false when there is none of this name. */
export function removeGuest(lab: string, name: string): Promise<boolean> {
  return withLock(guestLock(lab, checkedName(name, 'host')), () =>
    withLock(labLock(lab), async () => {
      const record = readRecord(lab)
      const host = record?.hosts.find(other => other.name === name)
      if (!record || !host) return false
      if (!host.guest) {
        throw new LabError(`${name} is a host of lab ${lab} itself`, 'Only what was added can be removed.', {
          exitCode: 2,
        })
      }
      await kill(record, host)
      const left = { ...record, hosts: record.hosts.filter(other => other !== host) }
      // First of all: what is not in the record is cleaned by whoever takes its name.
      writeRecord(left)
      rmSync(hostFolder(lab, name), { recursive: true, force: true })
      writeClientFiles(left)
      return true
    }),
  )
}

/** The lab's record with the machine in it; its seed is complete by then. */
async function takeIn(lab: LabRecord, name: string, guest: Guest, address: string | undefined): Promise<LabRecord> {
  const seed = join(hostFolder(lab.name, name), 'seed')
  const there = lab.hosts.find(host => host.name === name)
  if (there) {
    const isSame =
      isDeepStrictEqual(readGuest(seed), guest) && (address ?? addressOf(lab, there)) === addressOf(lab, there)
    if (there.guest && isSame) return lab
    throw new LabError(
      `lab ${lab.name} has a host ${name} already, another one`,
      'Choose another name, or remove it.',
      {
        exitCode: 2,
      },
    )
  }
  const host: HostRecord = { ...newHost(name, numberFor(lab, address), 'outside'), guest: true }
  // Left by a process that was killed while it added or removed one of this name.
  if (existsSync(hostFolder(lab.name, name))) {
    await kill(lab, host)
    rmSync(hostFolder(lab.name, name), { recursive: true })
  }
  mkdirSync(seed, { recursive: true, mode: 0o700 })
  writeGuest(seed, guest)
  await seedHost(lab, host)
  const grown = { ...lab, hosts: [...lab.hosts, host] }
  writeRecord(grown)
  writeClientFiles(grown)
  return grown
}

/** Addresses go down from the last one, since the lab's own hosts have the first ones, and may become more. */
function numberFor(lab: LabRecord, address: string | undefined): number {
  const numbers = Array.from({ length: mostHosts(false) }, (_, index) => mostHosts(false) - 1 - index)
  const outside = new Set(lab.hosts.filter(host => host.place !== 'inside').map(host => addressOf(lab, host)))
  const free = numbers.filter(number => !outside.has(addressOf(lab, newHost('any', number, 'outside'))))
  const number =
    address === undefined ? free[0] : free.find(each => addressOf(lab, newHost('any', each, 'outside')) === address)
  if (number !== undefined) return number
  const range = `${lab.network}.11 to ${lab.network}.${10 + mostHosts(false)}`
  throw new LabError(
    `${address ?? 'an address'} is not to be had in lab ${lab.name}`,
    `Those that are free: of ${range}.`,
    {
      exitCode: 2,
    },
  )
}

/** Tells the lab's own hosts of the machine; if the lab was taken down meanwhile, what was booted since goes as well. */
async function settle(before: LabRecord, host: HostRecord): Promise<void> {
  const lab = readRecord(before.name)
  if (!lab) {
    await takeDown({ ...before, folder: labFolder(before.name) })
    throw new LabError(`lab ${before.name} was taken down while ${host.name} booted`, 'Make it again: lab/lab up.')
  }
  for (const each of lab.hosts) if (!each.guest && stateOf(lab, each) === 'on') updateHostsFile(lab, each)
}

function requireLab(name: string): LabRecord {
  const lab = readRecord(name)
  if (lab) return lab
  throw new LabError(`there is no lab ${name}`, `lab/lab list shows what there is.`, { exitCode: 2 })
}

function hostIn(lab: LabRecord, name: string): HostRecord {
  const host = lab.hosts.find(other => other.name === name)
  if (!host) throw new Error(`${name} is not in the record of lab ${lab.name}`)
  return host
}
