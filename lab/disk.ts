import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './errors.ts'
import { boot, kill, releaseDisk, stateOf } from './host.ts'
import { seedHost, writeClientFiles } from './identity.ts'
import { hostFolder } from './places.ts'
import { run } from './process.ts'
import type { HostRecord, LabRecord } from './record.ts'

/** Faults of a host's disk. */
export async function onDisk(verb: string, lab: LabRecord, host: HostRecord, ...args: string[]): Promise<void> {
  const script = join(import.meta.dirname, 'host/disk')
  const folder = hostFolder(lab.name, host.name)
  await run('unshare', '--mount', '--propagation', 'slave', 'sh', script, verb, folder, ...args)
  if (stateOf(lab, host) === 'off') await releaseDisk(lab, host)
}

/**
 * Without a path: the host as a new machine of the same name and address, with another machine-id and other host keys.
 * With one: only that path is gone. A host that was on is killed before and booted after.
 */
export async function wipe(lab: LabRecord, host: HostRecord, path?: string): Promise<void> {
  if (path !== undefined && !/^(\/(?!\.\.?(\/|$))[^/\n]+)+$/.test(path)) {
    throw new LabError(`${path} is not an absolute path below /`, 'Leave it out to re-image the whole host.', {
      exitCode: 2,
    })
  }
  const wasOn = stateOf(lab, host) !== 'off'
  await kill(lab, host)
  if (path === undefined) {
    rmSync(join(hostFolder(lab.name, host.name), 'disk'), { force: true })
    await seedHost(lab, host, true)
    writeClientFiles(lab)
  } else {
    await onDisk('remove', lab, host, path)
  }
  if (wasOn) await boot(lab, host)
}
