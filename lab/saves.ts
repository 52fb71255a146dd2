import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from './disk.ts'
import { LabError } from './errors.ts'
import { boot, powerOff, stateOf } from './host.ts'
import { labSecrets } from './identity.ts'
import { hostFolder, labFolder, savesFolder } from './places.ts'
import { run } from './process.ts'
import { checkedName, type LabRecord, parseRecord } from './record.ts'

/** Kept labs: the hosts' disks and identities, so that a test needs not form a cluster each time. */
const saveFolder = (save: string): string => join(savesFolder, checkedName(save, 'saved lab'))

export function saveNames(): string[] {
  return existsSync(savesFolder) ? readdirSync(savesFolder).filter(name => !name.includes('.')) : []
}

/**
 * Powers the hosts off properly, keeps them under `save`, and boots them again, also when they could not be kept. What
 * was kept under the name before is replaced only by a whole copy.
 */
export async function saveLab(lab: LabRecord, save: string): Promise<void> {
  const target = saveFolder(save)
  const on = lab.hosts.filter(host => stateOf(lab, host) !== 'off')
  const work = `${target}.new`
  try {
    await Promise.all(on.map(host => powerOff(lab, host)))
    await copyLab(lab, work)
    putInPlace(work, target)
  } catch (error) {
    rmSync(work, { recursive: true, force: true })
    throw error
  } finally {
    await Promise.all(on.map(host => boot(lab, host)))
  }
}

function putInPlace(work: string, target: string): void {
  const old = `${target}.old`
  rmSync(old, { recursive: true, force: true })
  if (existsSync(target)) renameSync(target, old)
  renameSync(work, target)
  rmSync(old, { recursive: true, force: true })
}

async function copyLab(lab: LabRecord, work: string): Promise<void> {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true, mode: 0o700 })
  for (const host of lab.hosts) await onDisk('trim', lab, host)
  await Promise.all(lab.hosts.map(host => copyHost(hostFolder(lab.name, host.name), join(work, 'hosts', host.name))))
  for (const file of labSecrets) cpSync(join(labFolder(lab.name), file), join(work, file), { preserveTimestamps: true })
  const kept: LabRecord = {
    ...lab,
    owner: null,
    hosts: lab.hosts.map(host => ({ ...host, island: null, kbit: null, delay: null })),
  }
  writeFileSync(join(work, 'lab.json'), JSON.stringify(kept))
}

export function savedLab(save: string): LabRecord {
  const file = join(saveFolder(save), 'lab.json')
  if (!existsSync(file)) {
    const names = saveNames().join(', ') || 'none'
    throw new LabError(`there is no saved lab ${save}`, `Saved: ${names}. Make it: lab/lab save LAB ${save}`, {
      exitCode: 2,
    })
  }
  const saved = parseRecord(file)
  if (existsSync(saved.rootfs)) return saved
  throw new LabError(
    `${save} was saved on a root file system that is gone`,
    `Make it anew, then: lab/lab save LAB ${save}`,
  )
}

/** Puts the saved disks and identities into the folder of a lab that is not up. */
export async function restoreHosts(lab: LabRecord, save: string): Promise<void> {
  const source = saveFolder(save)
  for (const file of labSecrets) cpSync(join(source, file), join(labFolder(lab.name), file))
  await Promise.all(lab.hosts.map(host => copyHost(join(source, 'hosts', host.name), hostFolder(lab.name, host.name))))
}

export function forgetSave(save: string): void {
  savedLab(save)
  rmSync(saveFolder(save), { recursive: true })
}

async function copyHost(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  await run(
    'cp',
    '--recursive',
    '--preserve=mode,timestamps',
    '--sparse=always',
    join(from, 'disk'),
    join(from, 'seed'),
    to,
  )
}
