import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { isPopulated, keeperCgroup } from './cgroup.ts'
import { isLocked, withLock } from './lock.ts'
import { links } from './network.ts'
import { isAlive } from './owner.ts'
import { labFolder, labLock } from './places.ts'
import { labNames, readableRecord } from './record.ts'
import { takeDown } from './takedown.ts'

/** Ends what a process that was killed with -9 has left: labs half made, labs whose owner is gone, labs without a folder. */
export async function sweep(say: (line: string) => void): Promise<void> {
  for (const name of labNames()) {
    if (!isLeftover(name) || (await isLocked(labLock(name)))) continue
    await withLock(labLock(name), async () => {
      const lab = isLeftover(name)
      if (!lab) return
      say(`cleaning up lab ${name}, left behind by a process that was killed`)
      await takeDown({ ...lab, folder: labFolder(name) })
    })
  }
  for (const { id, folder } of await withoutFolder()) {
    // Others sweep at the same time, and the name may have been given to a new lab since.
    await withLock(labLock(basename(folder)), async () => {
      if (!(await withoutFolder()).some(lab => lab.id === id)) return
      say(`cleaning up lab ${basename(folder)}, whose folder is gone`)
      await takeDown({ id, folder, network: null })
    })
  }
}

/** Labs whose folder was removed by hand: the bridge's alias says which it was. */
async function withoutFolder(): Promise<{ id: string; folder: string }[]> {
  return (await links()).flatMap(({ ifname, ifalias }) => {
    const id = /^slb([0-9a-f]{6})$/.exec(ifname)?.[1]
    return id && ifalias && !existsSync(ifalias) ? [{ id, folder: ifalias }] : []
  })
}

function isLeftover(name: string) {
  const lab = readableRecord(name)
  if (!lab) return null
  if (lab.phase === 'starting') return lab
  // A living keeper takes the lab down itself.
  return lab.owner && !isAlive(lab.owner) && !isPopulated(keeperCgroup(lab.id)) ? lab : null
}
