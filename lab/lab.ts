import { existsSync } from 'node:fs'
import { execa } from 'execa'
import { idOf } from './addresses.ts'
import { describeHost, describeLab, type HostAddress, type LabDescription } from './description.ts'
import { onDisk, wipe } from './disk.ts'
import { LabError } from './errors.ts'
import { type Executed, execute } from './exec.ts'
import type { GuestOptions } from './guest.ts'
import { addGuest, type GuestDescription, removeGuest } from './guests.ts'
import * as power from './host.ts'
import { sshConfigFile } from './identity.ts'
import { withLock } from './lock.ts'
import { applyLinks, forgetUnreached } from './network.ts'
import { belongingOf, isAlive, requireOwn } from './owner.ts'
import { labFolder, labLock, preparedParts } from './places.ts'
import { checkedName, type HostRecord, type LabRecord, readableRecord, readRecord, writeRecord } from './record.ts'
import { restoreHosts, savedLab, saveLab } from './saves.ts'
import { extended, type LabOptions } from './shape.ts'
import { createLab, recreateLab, requireFree, startLab } from './startup.ts'
import { sweep } from './sweep.ts'
import { takeDown } from './takedown.ts'

/**
 * A lab: hosts on a network of their own. Every method returns when what it says is so, and may be called again.
 * Unknown hosts and impossible requests are a LabError with exit code 2.
 */
export class Lab implements AsyncDisposable {
  readonly name: string

  private constructor(name: string) {
    this.name = checkedName(name, 'lab')
  }

  /**
   * Makes a lab, or completes the own one of this name: hosts that are off are booted, hosts that are missing are added.
   * A living lab of somebody else is refused, unless it is to be adopted.
   */
  static async up(options: LabOptions): Promise<Lab> {
    const lab = new Lab(options.name)
    const say = options.progress ?? (() => undefined)
    const parts = preparedParts(options.pods || typeof readableRecord(lab.name)?.pods === 'string')
    await sweep(say)
    await withLock(labLock(lab.name), async () => {
      const by = belongingOf(options)
      const existing = await livingLab(lab.name)
      if (existing && !options.adopt) requireOwn(existing, by)
      const record = existing ? { ...extended(existing, options), ...by } : await createLab(options, by, parts)
      await startLab(record, parts, say)
    })
    return lab
  }

  /** Boots a saved lab under this name, in place of one that has it. It gets the addresses it was saved with. */
  static async load(
    save: string,
    options: Omit<LabOptions, 'hosts' | 'ipv6' | 'behindJump' | 'pods' | 'adopt'>,
  ): Promise<Lab> {
    const lab = new Lab(options.name)
    const saved = savedLab(save)
    const say = options.progress ?? (() => undefined)
    const parts = preparedParts(saved.pods !== null)
    await sweep(say)
    await withLock(labLock(lab.name), async () => {
      const by = belongingOf(options)
      const existing = await livingLab(lab.name)
      if (existing) requireOwn(existing, by)
      // Nothing is ended for a lab that can't be made.
      if (existing?.network !== saved.network) await requireFree(saved.network)
      await end(lab.name)
      const record = await recreateLab(lab.name, by, saved)
      await restoreHosts(record, save)
      await startLab(record, parts, say)
    })
    return lab
  }

  /** A lab that is there already; its hosts may be off. */
  static open(name: string): Lab {
    const lab = new Lab(name)
    lab.#record()
    return lab
  }

  /** Ends a lab and removes all of it; false when there is none of this name. */
  static down(name: string): Promise<boolean> {
    return withLock(labLock(checkedName(name, 'lab')), () => end(name))
  }

  async down(): Promise<void> {
    await Lab.down(this.name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
  }

  describe(): LabDescription {
    return describeLab(this.#record())
  }

  get hosts(): HostAddress[] {
    return this.describe().hosts
  }

  /** The process that the lab ends with, if any. */
  get ownerPid(): number | null {
    return this.#record().owner?.pid ?? null
  }

  /** The checkout whose command made it. */
  get checkout(): string {
    return this.#record().checkout
  }

  host(name: string): HostAddress {
    const lab = this.#record()
    return describeHost(lab, hostOf(lab, name))
  }

  stateOf(name: string): power.HostState {
    const lab = this.#record()
    return power.stateOf(lab, hostOf(lab, name))
  }

  /** Runs a shell command on a host as root, over SSH; its exit code is 255 when SSH itself failed. */
  async ssh(host: string, command: string): Promise<Executed> {
    hostOf(this.#record(), host)
    const args = ['-F', sshConfigFile(this.name), '-o', 'ConnectTimeout=5', '-o', 'BatchMode=yes', host, command]
    const result = await execa('ssh', args, { reject: false, stdin: 'ignore' })
    return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode ?? 255 }
  }

  /** As `ssh`, but as one who sits before the host: no SSH is in it, which costs a twentieth of a second at both ends. */
  exec(host: string, command: string): Promise<Executed> {
    const lab = this.#record()
    return execute(lab, hostOf(lab, host), command)
  }

  /** Pulls the plug: every process is killed at once. The disk stays as it was written. */
  kill(host: string): Promise<void> {
    return this.#onHost(host, power.kill)
  }

  /** Switches on a host that was killed or has powered itself off; its sshd answers then. */
  boot(host: string): Promise<void> {
    return this.#onHost(host, async (lab, record) => {
      await power.boot(lab, record)
      await forgetUnreached(lab)
    })
  }

  /** Stops every process of a host where it stands. Its kernel still answers ARP and accepts connections. */
  freeze(host: string): Promise<void> {
    return this.#onHost(host, power.freeze)
  }

  thaw(host: string): Promise<void> {
    return this.#onHost(host, power.thaw)
  }

  /** Cuts the hosts off from all others and from this machine; among themselves they are still connected. */
  partition(...hosts: string[]): Promise<void> {
    return this.#changeNetwork(hosts, (host, lab) => {
      return { ...host, island: 1 + Math.max(0, ...lab.hosts.map(other => other.island ?? 0)) }
    })
  }

  /** Limits a host's bandwidth, each direction. */
  slow(host: string, kbit: number): Promise<void> {
    if (!Number.isInteger(kbit) || kbit < 8) throw new LabError(`${kbit} kbit/s`, 'Give at least 8.', { exitCode: 2 })
    return this.#changeNetwork([host], record => ({ ...record, kbit }))
  }

  /** Delays what a host sends and receives, each direction. */
  latency(host: string, milliseconds: number): Promise<void> {
    if (!Number.isInteger(milliseconds) || milliseconds < 1 || milliseconds > 5000) {
      throw new LabError(`a latency of ${milliseconds} ms`, 'Give 1 to 5000.', { exitCode: 2 })
    }
    return this.#changeNetwork([host], record => ({ ...record, delay: milliseconds }))
  }

  /** Ends partitions, limits of bandwidth and latency: of all hosts, unless some are named. */
  async heal(...hosts: string[]): Promise<void> {
    const names = hosts.length > 0 ? hosts : this.#record().hosts.map(host => host.name)
    await this.#changeNetwork(names, host => ({ ...host, island: null, kbit: null, delay: null }))
    await forgetUnreached(this.#record())
  }

  /** Leaves not one block free on the host's disk. */
  fill(host: string): Promise<void> {
    return this.#onHost(host, (lab, record) => onDisk('fill', lab, record))
  }

  unfill(host: string): Promise<void> {
    return this.#onHost(host, (lab, record) => onDisk('unfill', lab, record))
  }

  /** Re-images the host, or removes one path of its disk. A host that was on is killed before and booted after. */
  wipe(host: string, path?: string): Promise<void> {
    return this.#onHost(host, (lab, record) => wipe(lab, record, path))
  }

  /** Boots one more host beside others, as a provider's machine: who may log in is what its user data says. */
  add(host: string, options: GuestOptions & { address?: string } = {}): Promise<GuestDescription> {
    return addGuest(this.name, host, options)
  }

  /** Removes a host that was added; false when there is none of this name. */
  remove(host: string): Promise<boolean> {
    return removeGuest(this.name, host)
  }

  /** Keeps the hosts' disks and identities for `load`. Hosts that are on are shut down for it and booted again. */
  save(save: string): Promise<void> {
    return withLock(labLock(this.name), () => saveLab(this.#record(), save))
  }

  #record(): LabRecord {
    const lab = readRecord(this.name)
    if (lab) return lab
    const remedy = `lab/lab list shows what there is; lab/lab up --name ${this.name} makes it.`
    throw new LabError(`there is no lab ${this.name}`, remedy, { exitCode: 2 })
  }

  #onHost(name: string, work: (lab: LabRecord, host: HostRecord) => Promise<void>): Promise<void> {
    return withLock(labLock(this.name), async () => {
      const lab = this.#record()
      await work(lab, hostOf(lab, name))
    })
  }

  #changeNetwork(names: string[], change: (host: HostRecord, lab: LabRecord) => HostRecord): Promise<void> {
    return withLock(labLock(this.name), async () => {
      const before = this.#record()
      for (const name of names) hostOf(before, name)
      const hosts = before.hosts.map(host => (names.includes(host.name) ? change(host, before) : host))
      const lab = { ...before, hosts }
      writeRecord(lab)
      const changed = hosts.filter(host => names.includes(host.name))
      for (const host of changed) power.writeHostFiles(lab, host)
      await applyLinks(lab, changed, labFolder(this.name))
    })
  }
}

/** A lab that goes on by itself: what a process that is gone has left under the name is ended first. */
async function livingLab(name: string): Promise<LabRecord | null> {
  const lab = readRecord(name)
  if (!lab || (lab.phase === 'up' && (!lab.owner || isAlive(lab.owner)))) return lab
  await end(name)
  return null
}

async function end(name: string): Promise<boolean> {
  const folder = labFolder(name)
  if (!existsSync(folder)) return false
  await takeDown({ id: idOf(folder), folder, network: readableRecord(name)?.network ?? null })
  return true
}

function hostOf(lab: LabRecord, name: string): HostRecord {
  const host = lab.hosts.find(other => other.name === name)
  if (host) return host
  const names = lab.hosts.map(other => other.name).join(', ')
  throw new LabError(`lab ${lab.name} has no host ${name}`, `Its hosts: ${names}`, { exitCode: 2 })
}
