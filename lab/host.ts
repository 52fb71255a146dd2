import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addressOf, linksOf, machineOf, namespaceOf, routesOf } from './addresses.ts'
import { cgroupFolder, hostCgroup, isFrozen, isPopulated, killCgroup, makeCgroup, setFrozen } from './cgroup.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { LabError } from './errors.ts'
import { hostsFile, loopbackNames, seedHost } from './identity.ts'
import { hostFolder, nodeProgram } from './places.ts'
import { run, startDetached, succeeds } from './process.ts'
import type { HostRecord, LabRecord } from './record.ts'
import { until } from './until.ts'

/** Power: one host on, off, frozen. The shell scripts in host/ do the work inside the host's cgroup. */
const script = (name: string): string => join(import.meta.dirname, 'host', name)
const diskSize = '20G'

export type HostState = 'on' | 'frozen' | 'off'

export function stateOf(lab: LabRecord, host: HostRecord): HostState {
  const group = hostCgroup(lab.id, host.name)
  if (!isPopulated(group)) return 'off'
  return isFrozen(group) ? 'frozen' : 'on'
}

/** Switches a host on and waits until its sshd answers. Nothing happens to a host that is on. */
export async function boot(lab: LabRecord, host: HostRecord): Promise<void> {
  if (stateOf(lab, host) !== 'off') return
  const folder = hostFolder(lab.name, host.name)
  await makeDisk(lab, host)
  await seedHost(lab, host)
  writeHostFiles(lab, host)
  const group = hostCgroup(lab.id, host.name)
  makeCgroup(group)
  const log = join(folder, 'console.log')
  const supervisor = startDetached(group, ['sh', script('supervise'), folder], log)
  const hasBooted = async (): Promise<boolean> => {
    if (!supervisor.hasEnded()) return answers(lab, host)
    const lastWords = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join('\n')
    throw new LabError(`host ${host.name} ended while it booted:\n${lastWords}`, `All it said is in ${log}`)
  }
  await until(`host ${host.name} to answer on port 22`, 60, hasBooted, `What it said is in ${log}`)
}

async function makeDisk(lab: LabRecord, host: HostRecord): Promise<void> {
  const folder = hostFolder(lab.name, host.name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const disk = join(folder, 'disk')
  // Mounting a disk that is still mounted would ruin it; after a kill the kernel takes a moment to let go.
  await releaseDisk(lab, host)
  if (existsSync(disk)) return
  // A real file system of a fixed size, so that a full disk is one host's only. Sparse; no journal, because a lab
  // loses processes, never the page cache.
  await run('truncate', '--size', diskSize, `${disk}.new`)
  await run('mkfs.ext4', '-q', '-F', '-O', '^has_journal', '-m', '0', '-N', '1000000', `${disk}.new`)
  await run('mv', `${disk}.new`, disk)
}

/** Whether a loop device is still on the file. */
function isAttached(file: string): boolean {
  return readdirSync('/sys/block').some(device => {
    if (!device.startsWith('loop')) return false
    const backing = join('/sys/block', device, 'loop/backing_file')
    return existsSync(backing) && readFileSync(backing, 'utf8').trim() === file
  })
}

/** Writes what the scripts in host/ read; a running host's network follows with `applyLinks`. */
export function writeHostFiles(lab: LabRecord, host: HostRecord): void {
  const folder = hostFolder(lab.name, host.name)
  const links = linksOf(lab, host).map(link => {
    const address6 = link.address6 ?? '-'
    return [
      link.interface,
      link.outer,
      link.bridge,
      link.mac,
      link.address,
      address6,
      host.kbit ?? '-',
      host.delay ?? '-',
    ].join(' ')
  })
  writeFileSync(join(folder, 'links'), `${links.join('\n')}\n`)
  writeFileSync(join(folder, 'routes'), `${routesOf(lab, host).join('\n')}\n`)
  writeFileSync(join(folder, 'seed/hosts'), host.guest ? loopbackNames : hostsFile(lab))
  const settings = {
    MACHINE: machineOf(lab, host),
    NETNS: namespaceOf(lab, host.name),
    CGROUP: cgroupFolder(hostCgroup(lab.id, host.name)),
    ROOTFS: lab.rootfs,
    NODE: nodeProgram,
    KUBERNETES: lab.kubernetes ?? '',
    PODS: lab.pods ?? '',
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key}='${value}'`)
  writeFileSync(join(folder, 'settings'), `${lines.join('\n')}\n`)
}

/**
 * Whether the host's sshd says its name within 3 s; asked in the host's own network name space, so that a partition is no
 * matter. One process asks again and again: a new one each time would slow the boot down that is waited for.
 */
async function answers(lab: LabRecord, host: HostRecord): Promise<boolean> {
  const space = `/run/netns/${namespaceOf(lab, host.name)}`
  if (!existsSync(space)) return false
  const question = `exec 3<>/dev/tcp/${addressOf(lab, host)}/22 && read -t 2 -n 4 word <&3 && [ "$word" = SSH- ]`
  const asking = `until ${question}; do sleep 0.05; done`
  return succeeds('timeout', '3', 'nsenter', `--net=${space}`, 'bash', '-c', asking)
}

/** Waits for the sshd of a host that somebody else, who is gone, has switched on. */
export async function untilAnswers(lab: LabRecord, host: HostRecord): Promise<void> {
  const log = join(hostFolder(lab.name, host.name), 'console.log')
  await until(`host ${host.name} to answer on port 22`, 60, () => answers(lab, host), `What it said is in ${log}`)
}

/** Pulls the plug: every process is killed at once, and the network interface is gone. The disk stays. */
export async function kill(lab: LabRecord, host: HostRecord): Promise<void> {
  const folder = hostFolder(lab.name, host.name)
  await killCgroup(hostCgroup(lab.id, host.name))
  if (existsSync(join(folder, 'settings'))) await run('sh', script('network'), 'down', folder)
  await releaseDisk(lab, host)
}

/** Waits until the kernel has let go of the disk of a host that is off. */
export async function releaseDisk(lab: LabRecord, host: HostRecord): Promise<void> {
  const disk = join(hostFolder(lab.name, host.name), 'disk')
  await until(`the disk of ${host.name} to be released`, 10, () => !isAttached(disk))
}

/** Shuts a host down as its power button would; after 25 s as `kill` does. */
export async function powerOff(lab: LabRecord, host: HostRecord): Promise<void> {
  const group = hostCgroup(lab.id, host.name)
  const init = initOf(lab, host)
  if (isFrozen(group)) await setFrozen(group, false)
  // systemd's signal for a clean power-off.
  if (init) await run('kill', '-s', 'RTMIN+4', init)
  const deadline = performance.now() + 25_000
  while (isPopulated(group) && performance.now() < deadline) await delay(20)
  await kill(lab, host)
}

/** The pid of a running host's init, as this machine sees it. */
function initOf(lab: LabRecord, host: HostRecord): string | null {
  const file = join(cgroupFolder(hostCgroup(lab.id, host.name)), 'payload/init.scope/cgroup.procs')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] || null : null
}

/** Tells a running host who else is in the lab. */
export function updateHostsFile(lab: LabRecord, host: HostRecord): void {
  const init = initOf(lab, host)
  const file = `/proc/${init}/root/etc/hosts`
  // Unchanged it is left alone: the host's disk may be full. One that boots or goes off right now has none to be read.
  if (init && existsSync(file) && readFileSync(file, 'utf8') !== hostsFile(lab)) writeFileSync(file, hostsFile(lab))
}

export async function freeze(lab: LabRecord, host: HostRecord): Promise<void> {
  requireOn(lab, host)
  await setFrozen(hostCgroup(lab.id, host.name), true)
}

export async function thaw(lab: LabRecord, host: HostRecord): Promise<void> {
  requireOn(lab, host)
  await setFrozen(hostCgroup(lab.id, host.name), false)
}

function requireOn(lab: LabRecord, host: HostRecord): void {
  if (stateOf(lab, host) !== 'off') return
  throw new LabError(`host ${host.name} is off`, `Switch it on: lab/lab boot ${lab.name} ${host.name}`)
}
