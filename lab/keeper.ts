import { setTimeout as delay } from 'node:timers/promises'
import { leaveCgroup } from './cgroup.ts'
import { withLock } from './lock.ts'
import { isAlive } from './owner.ts'
import { labFolder, labLock } from './places.ts'
import { readRecord } from './record.ts'
import { serveReleases } from './release-server.ts'
import { takeDown } from './takedown.ts'

/**
 * One process a lab, for as long as the lab is up: serves the RKE2 releases to its hosts, and takes the lab down when
 * the process that owns it is gone.
 *   keeper.ts LAB
 */
const [name = ''] = process.argv.slice(2)

const lab = readRecord(name)
if (!lab) throw new Error(`no lab ${name}`)
const server = await serveReleases(lab)

// An owner can't be waited for unless it is a child, and may be another one by now. Asking costs nothing.
for (let isUp = true; isUp; ) {
  await delay(250)
  if (server && server.exitCode !== null) throw new Error(`the release server ended with ${server.exitCode}`)
  if (!isOrphan()) continue
  await withLock(labLock(name), async holder => {
    // Somebody may have adopted it meanwhile.
    if (!isOrphan()) return
    // With the child that holds the lock: the next lab of this name must not begin before this one is gone.
    leaveCgroup(process.pid, holder)
    await takeDown({ ...lab, folder: labFolder(name) })
    isUp = false
  })
}
// Whoever still serves the releases would live on, and hold the address that the next lab wants.
process.exit(0)

function isOrphan(): boolean {
  const owner = readRecord(name)?.owner
  return owner ? !isAlive(owner) : false
}
