import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupFolder, endCgroup, labCgroup } from './cgroup.ts'
import { LabError } from './errors.ts'
import { linksOfLab, namespacesOf, removeNetwork } from './network.ts'
import { until } from './until.ts'

/**
 * Removes everything a lab has made in the kernel, then its folder, and makes sure that nothing is left. Works from
 * the lab's id alone, so that it also ends what no record describes any more.
 */
export async function takeDown(lab: { id: string; folder: string; network: string | null }): Promise<void> {
  // First, and with the cgroup itself, so that nothing can start any more.
  await endCgroup(labCgroup(lab.id))
  await removeNetwork(lab.id, lab.network)
  await until(`the disks in ${lab.folder} to be released`, 10, () => attachedDevices(lab.folder).length === 0)
  for (const folder of nspawnFolders(lab.id)) rmSync(folder, { recursive: true })
  rmSync(lab.folder, { recursive: true, force: true })
  const left = await leftovers(lab)
  if (left.length > 0) throw new LabError(`left behind: ${left.join(', ')}`, 'Remove these by hand, and report it.')
}

/** What of a lab is still there, by name. */
export async function leftovers(lab: { id: string; folder: string }): Promise<string[]> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  return [
    ...(existsSync(cgroupFolder(labCgroup(lab.id))) ? [`cgroup ${labCgroup(lab.id)}`] : []),
    ...(await linksOfLab(lab.id)).map(name => `interface ${name}`),
    ...namespacesOf(lab.id).map(name => `network name space ${name}`),
    ...mounts.filter(line => line.includes(`${lab.folder}/`)).map(line => `mount ${line.split(' ')[1]}`),
    ...attachedDevices(lab.folder).map(device => `loop device ${device}`),
    ...(existsSync(lab.folder) ? [`folder ${lab.folder}`] : []),
  ]
}

function attachedDevices(folder: string): string[] {
  return readdirSync('/sys/block').filter(device => {
    if (!device.startsWith('loop')) return false
    const backing = join('/sys/block', device, 'loop/backing_file')
    return existsSync(backing) && readFileSync(backing, 'utf8').startsWith(`${folder}/`)
  })
}

/** systemd-nspawn keeps a folder a machine for mounts sent into it, and leaves it when it is killed. */
function nspawnFolders(id: string): string[] {
  const folder = '/run/systemd/nspawn/propagate'
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter(name => name.startsWith(`${id}-`))
  return names.map(name => join(folder, name))
}
