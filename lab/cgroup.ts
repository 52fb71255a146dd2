import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './errors.ts'
import { until } from './until.ts'

/**
 * Every process of a lab lives in a cgroup (v2) of its own: `slipway-lab/<id>/hosts/<host>` and `…/keeper`. That is
 * how a lab is asked whether it runs, frozen, and ended to the last grandchild, without a pid written down anywhere.
 */
const root = mountPoint('cgroup2')
/** systemd-nspawn mirrors its cgroup into systemd's own v1 hierarchy where a machine mixes both versions. */
const mirror = mountPoint('cgroup', 'name=systemd')

export const labCgroup = (id: string): string => join('slipway-lab', id)
export const hostCgroup = (id: string, host: string): string => join(labCgroup(id), 'hosts', host)
export const keeperCgroup = (id: string): string => join(labCgroup(id), 'keeper')

export function cgroupFolder(group: string): string {
  if (!root) throw new LabError('this machine has no cgroup v2', 'Mount it: mount -t cgroup2 none /sys/fs/cgroup')
  return join(root, group)
}

export function makeCgroup(group: string): void {
  mkdirSync(cgroupFolder(group), { recursive: true })
}

/** Moves processes out of the lab's groups, so that they survive their end. */
export function leaveCgroup(...pids: number[]): void {
  for (const pid of pids) writeFileSync(cgroupProcesses('.'), String(pid))
}

/** The file through which processes join a group. */
export const cgroupProcesses = (group: string): string => join(cgroupFolder(group), 'cgroup.procs')

const events = (group: string): string => {
  const file = join(cgroupFolder(group), 'cgroup.events')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** Whether any process is alive in the group or below it. */
export const isPopulated = (group: string): boolean => events(group).includes('populated 1')
export const isFrozen = (group: string): boolean => events(group).includes('frozen 1')

/** Ends every process of the group and below at once, frozen ones too. The group stays, and is not frozen. */
export async function killCgroup(group: string): Promise<void> {
  if (!existsSync(cgroupFolder(group))) return
  writeFileSync(join(cgroupFolder(group), 'cgroup.kill'), '1')
  await until(`the processes of ${group} to end`, 10, () => !isPopulated(group))
  writeFileSync(join(cgroupFolder(group), 'cgroup.freeze'), '0')
}

export async function setFrozen(group: string, frozen: boolean): Promise<void> {
  writeFileSync(join(cgroupFolder(group), 'cgroup.freeze'), frozen ? '1' : '0')
  await until(`${group} to ${frozen ? 'freeze' : 'thaw'}`, 10, () => isFrozen(group) === frozen)
}

/**
 * Ends the group for good. A process that was told to join it and has not yet will find it gone, and end; one that
 * joins between the two steps makes them start again. Also removes the parent if no other lab is in it.
 */
export async function endCgroup(group: string): Promise<void> {
  await until(`${group} to end`, 10, async () => {
    await killCgroup(group)
    return [root, mirror].every(hierarchy => !hierarchy || isRemoved(join(hierarchy, group)))
  })
  for (const hierarchy of [root, mirror]) if (hierarchy) tryRemove(join(hierarchy, group, '..'))
}

/** Removes a cgroup and those below; false when a process is in one. */
function isRemoved(folder: string): boolean {
  if (!existsSync(folder)) return true
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !isRemoved(join(folder, entry.name))) return false
  }
  return tryRemove(folder)
}

/** Removes one cgroup unless it is in use. */
function tryRemove(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT') return true
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false
    throw error
  }
}

function mountPoint(type: string, option = ''): string | null {
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [, place = '', mountType, options = ''] = line.split(' ')
    if (mountType === type && (option === '' || options.split(',').includes(option))) return place
  }
  return null
}
