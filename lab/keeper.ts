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

// An owner can't be waited for unless it is a child. Asking costs nothing.
while (!lab.owner || isAlive(lab.owner)) {
  await delay(250)
  if (server && server.exitCode !== null) throw new Error(`the release server ended with ${server.exitCode}`)
}
await withLock(labLock(name), async () => {
  // Somebody may have taken the lab down, and up again, meanwhile.
  const current = readRecord(name)
  if (current?.owner?.pid !== lab.owner?.pid || current?.owner?.started !== lab.owner?.started) return
  leaveCgroup()
  await takeDown({ ...lab, folder: labFolder(name) })
})
// Whoever still serves the releases would live on, and hold the address that the next lab wants.
process.exit(0)
