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

export function joinCgroup(group: string): void {
  writeFileSync(join(cgroupFolder(group), 'cgroup.procs'), String(process.pid))
}

export const leaveCgroup = (): void => joinCgroup('.')

const events = (group: string): string => {
  const file = join(cgroupFolder(group), 'cgroup.events')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** Whether any process is alive in the group or below it. */
export const isPopulated = (group: string): boolean => events(group).includes('populated 1')
export const isFrozen = (group: string): boolean => events(group).includes('frozen 1')

/** Ends every process of the group and below at once, frozen ones too. */
export async function killCgroup(group: string): Promise<void> {
  if (!existsSync(cgroupFolder(group))) return
  writeFileSync(join(cgroupFolder(group), 'cgroup.kill'), '1')
  await until(`the processes of ${group} to end`, 10, () => !isPopulated(group))
}

export async function setFrozen(group: string, frozen: boolean): Promise<void> {
  writeFileSync(join(cgroupFolder(group), 'cgroup.freeze'), frozen ? '1' : '0')
  await until(`${group} to ${frozen ? 'freeze' : 'thaw'}`, 10, () => isFrozen(group) === frozen)
}

/** Removes the group, which must be empty of processes, and the groups below; also its parent if that is empty now. */
export function removeCgroup(group: string): void {
  for (const hierarchy of [root, mirror]) {
    if (!hierarchy || !existsSync(join(hierarchy, group))) continue
    removeTree(join(hierarchy, group))
    try {
      rmdirSync(join(hierarchy, group, '..'))
    } catch {
      // Another lab is using it.
    }
  }
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name))
  }
  rmdirSync(folder)
}

function mountPoint(type: string, option = ''): string | null {
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [, place = '', mountType, options = ''] = line.split(' ')
    if (mountType === type && (option === '' || options.split(',').includes(option))) return place
  }
  return null
}
