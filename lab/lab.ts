import { join } from 'node:path'
import { execa } from 'execa'
import * as addresses from './addresses.ts'
import { isPopulated, keeperCgroup } from './cgroup.ts'
import { LabError } from './errors.ts'
import * as power from './host.ts'
import * as identity from './identity.ts'
import { withLock } from './lock.ts'
import { applyLinks, freeNetwork, makeBridges } from './network.ts'
import { processOf } from './owner.ts'
import { labFolder, labLock, networksLock, nodeProgram, pathsEnvironment, preparedParts } from './places.ts'
import { startDetached } from './process.ts'
import { checkedName, type HostRecord, type LabRecord, readRecord, writeRecord } from './record.ts'
import { hasReleaseServer, isListening, releasesPort } from './release-server.ts'
import { sweep } from './sweep.ts'
import { takeDown } from './takedown.ts'
import { until } from './until.ts'

export interface LabOptions {
  name: string
  /** How many hosts, or their names. Default: 1. Names default to h1, h2 … */
  hosts?: number | readonly string[]
  /** The lab ends when this process does. Default: the calling process; null: it lives until `down`. */
  ownerPid?: number | null
  /** Give the hosts IPv6 addresses too. */
  ipv6?: boolean
  /** Put the hosts on a network that is reached only through one more host, `jump`. */
  behindJump?: boolean
  /** Told what is being done, a line at a time. */
  progress?: (line: string) => void
}

/** What `lab/lab up` prints: snake_case, as in cluster.yaml. */
export interface LabDescription {
  hosts: power.HostAddress[]
  jump?: power.HostAddress
  artifact_url: string | null
  versions: string[]
  key_file: string
  known_hosts_file: string
  ssh_config_file: string
  sudo_user: string
  sudo_password_file: string
}

/** A lab that is up. Every method waits until what it says is so. */
export class Lab implements AsyncDisposable {
  readonly name: string
  readonly #parts: ReturnType<typeof preparedParts>

  private constructor(name: string, parts: ReturnType<typeof preparedParts>) {
    this.name = name
    this.#parts = parts
  }

  /** Makes a lab, or completes one of this name: hosts that are off are booted, hosts that are missing are added. */
  static async up(options: LabOptions): Promise<Lab> {
    const say = options.progress ?? (() => undefined)
    const names = hostNames(options)
    const parts = preparedParts()
    const lab = new Lab(checkedName(options.name, 'lab'), parts)
    await sweep(say)
    await withLock(labLock(lab.name), async () => {
      const existing = readRecord(lab.name)
      const record = existing ? extended(existing, names, options) : await lab.#create(names, options)
      await lab.#start(record, say)
    })
    return lab
  }

  /** A lab that is up already, or was. */
  static open(name: string): Lab {
    const lab = new Lab(name, preparedParts())
    lab.record()
    return lab
  }

  get hosts(): power.HostAddress[] {
    return this.describe().hosts
  }

  host(name: string): power.HostAddress {
    const record = this.record()
    return power.describeHost(record, this.hostRecord(name, record), identity.keyFile(this.name))
  }

  stateOf(host: string): power.HostState {
    return power.stateOf(this.record(), this.hostRecord(host))
  }

  describe(): LabDescription {
    const record = this.record()
    const key = identity.keyFile(this.name)
    const jump = record.hosts.find(host => host.place === 'jump')
    const hosts = record.hosts.filter(host => host !== jump)
    const serves = this.#parts.releases !== null && hasReleaseServer()
    return {
      hosts: hosts.map(host => power.describeHost(record, host, key)),
      ...(jump ? { jump: power.describeHost(record, jump, key) } : {}),
      artifact_url: serves ? `http://${addresses.controllerAddress(record)}:${releasesPort}` : null,
      versions: serves ? this.#parts.versions : [],
      key_file: key,
      known_hosts_file: identity.knownHostsFile(this.name),
      ssh_config_file: identity.sshConfigFile(this.name),
      sudo_user: identity.sudoUser,
      sudo_password_file: identity.sudoPasswordFile(this.name),
    }
  }

  /** Runs a shell command on a host as root, over SSH. */
  async ssh(host: string, command: string): Promise<{ stdout: string; stderr: string; exitCode: number }> {
    this.hostRecord(host)
    const args = [
      '-F',
      identity.sshConfigFile(this.name),
      '-o',
      'ConnectTimeout=5',
      '-o',
      'BatchMode=yes',
      host,
      command,
    ]
    const result = await execa('ssh', args, { reject: false, stdin: 'ignore' })
    return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode ?? 255 }
  }

  /** Pulls the plug. */
  kill(host: string): Promise<void> {
    return this.#locked(record => power.kill(record, this.hostRecord(host, record)))
  }

  /** Switches a host on that was killed or has powered itself off; returns when its sshd answers. */
  boot(host: string): Promise<void> {
    return this.#locked(record => power.boot(record, this.hostRecord(host, record), this.#parts.rootfs))
  }

  /** Stops every process of a host where it stands. Its kernel still answers ARP and accepts connections. */
  freeze(host: string): Promise<void> {
    return this.#locked(record => power.freeze(record, this.hostRecord(host, record)))
  }

  thaw(host: string): Promise<void> {
    return this.#locked(record => power.thaw(record, this.hostRecord(host, record)))
  }

  async down(): Promise<void> {
    await Lab.down(this.name)
  }

  static async down(name: string): Promise<boolean> {
    return withLock(labLock(checkedName(name, 'lab')), async () => {
      const record = readRecord(name)
      if (record) await takeDown({ ...record, folder: labFolder(name) })
      return record !== null
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down()
  }

  record(): LabRecord {
    const record = readRecord(this.name)
    if (record) return record
    throw new LabError(
      `there is no lab ${this.name}`,
      `lab/lab list shows what there is; lab/lab up --name ${this.name} makes it.`,
      {
        exitCode: 2,
      },
    )
  }

  hostRecord(name: string, record = this.record()): HostRecord {
    const host = record.hosts.find(other => other.name === name)
    if (host) return host
    const names = record.hosts.map(other => other.name).join(', ')
    throw new LabError(`lab ${this.name} has no host ${name}`, `Its hosts: ${names}`, { exitCode: 2 })
  }

  #locked<T>(work: (record: LabRecord) => Promise<T>): Promise<T> {
    return withLock(labLock(this.name), () => work(this.record()))
  }

  /** Takes a free network and writes the lab down, so that whatever happens next can be cleaned up. */
  #create(names: string[], options: LabOptions): Promise<LabRecord> {
    const folder = labFolder(this.name)
    const id = addresses.idOf(folder)
    const place = options.behindJump ? 'inside' : 'outside'
    const hosts = names.map((name, number): HostRecord => ({ name, number, place, island: null, kbit: null }))
    if (options.behindJump) hosts.unshift({ name: 'jump', number: 0, place: 'jump', island: null, kbit: null })
    const ownerPid = options.ownerPid === undefined ? process.pid : options.ownerPid
    const owner = ownerPid === null ? null : processOf(ownerPid)
    if (ownerPid !== null && !owner)
      throw new LabError(`there is no process ${ownerPid}`, 'Give a living owner.', { exitCode: 2 })
    return withLock(networksLock, async () => {
      const record: LabRecord = {
        format: 1,
        name: this.name,
        id,
        network: await freeNetwork(id),
        network6: options.ipv6 ? addresses.network6Of(id) : null,
        phase: 'starting',
        owner,
        hosts,
      }
      writeRecord(record)
      await makeBridges(record, folder)
      return record
    })
  }

  async #start(record: LabRecord, say: (line: string) => void): Promise<void> {
    const folder = labFolder(this.name)
    const off = record.hosts.filter(host => power.stateOf(record, host) === 'off')
    writeRecord(record)
    await makeBridges(record, folder)
    await applyLinks(record, [], folder)
    if (!isPopulated(keeperCgroup(record.id))) {
      const args = [
        join(import.meta.dirname, 'keeper.ts'),
        this.name,
        ...(this.#parts.releases ? [this.#parts.releases] : []),
      ]
      startDetached(nodeProgram, args, join(folder, 'keeper.log'), pathsEnvironment)
    }
    await identity.makeLabSecrets(this.name)
    if (off.length > 0) say(`booting ${off.map(host => host.name).join(', ')}`)
    const started = performance.now()
    await Promise.all(off.map(host => power.boot(record, host, this.#parts.rootfs)))
    identity.writeClientFiles(record)
    const keeperLog = `Its log: ${join(folder, 'keeper.log')}`
    await until('the keeper of the lab to run', 10, () => isPopulated(keeperCgroup(record.id)), keeperLog)
    if (this.describe().artifact_url) {
      await until('the release server to listen', 20, () => isListening(addresses.controllerAddress(record)), keeperLog)
    }
    writeRecord({ ...record, phase: 'up' })
    if (off.length > 0) say(`${off.length} hosts up in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  }
}

function hostNames(options: LabOptions): string[] {
  const { hosts = 1 } = options
  const names = typeof hosts === 'number' ? Array.from({ length: hosts }, (_, index) => `h${index + 1}`) : [...hosts]
  const most = addresses.mostHosts(options.behindJump ?? false)
  if (names.length < 1 || names.length > most || !names.every(name => name.length > 0)) {
    throw new LabError(`a lab has 1 to ${most} hosts`, 'Give --hosts N.', { exitCode: 2 })
  }
  const reserved = options.behindJump ? ['jump', 'localhost'] : ['localhost']
  for (const [index, name] of names.entries()) {
    checkedName(name, 'host')
    if (names.indexOf(name) === index && !reserved.includes(name)) continue
    throw new LabError(`the host name ${name} is taken`, 'Give each host a name of its own.', { exitCode: 2 })
  }
  return names
}

/** An existing lab with the hosts that are asked for; it can grow, not shrink or change its shape. */
function extended(record: LabRecord, names: string[], options: LabOptions): LabRecord {
  const remedy = `Take it down first: lab/lab down --name ${record.name}`
  const place = options.behindJump ? 'inside' : 'outside'
  const present = record.hosts.filter(host => host.place !== 'jump')
  if (present.some(host => host.place !== place)) {
    throw new LabError(`lab ${record.name} exists ${options.behindJump ? 'without' : 'behind'} a jump host`, remedy, {
      exitCode: 2,
    })
  }
  if (present.some((host, index) => host.name !== names[index])) {
    const has = present.map(host => host.name).join(', ')
    throw new LabError(`lab ${record.name} exists with other hosts: ${has}`, remedy, { exitCode: 2 })
  }
  if (options.ipv6 && !record.network6)
    throw new LabError(`lab ${record.name} exists without IPv6`, remedy, { exitCode: 2 })
  const added = names.slice(present.length).map((name, index): HostRecord => {
    return { name, number: present.length + index, place, island: null, kbit: null }
  })
  return { ...record, hosts: [...record.hosts, ...added] }
}
