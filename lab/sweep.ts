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
  // A folder removed by hand: the bridge's alias says which it was.
  for (const { ifname, ifalias } of await links()) {
    const id = /^slb([0-9a-f]{6})$/.exec(ifname)?.[1]
    if (!id || !ifalias || existsSync(ifalias)) continue
    say(`cleaning up lab ${basename(ifalias)}, whose folder is gone`)
    await takeDown({ id, folder: ifalias, network: null })
  }
}

function isLeftover(name: string) {
  const lab = readableRecord(name)
  if (!lab) return null
  if (lab.phase === 'starting') return lab
  // A living keeper takes the lab down itself.
  return lab.owner && !isAlive(lab.owner) && !isPopulated(keeperCgroup(lab.id)) ? lab : null
}
