import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { z } from 'zod'
import type { InventoryReader } from '../../src/machines/fragments/judge.ts'
import { listed } from '../../src/machines/fragments/machines.fixture.ts'
import { readsLines } from '../../src/machines/fragments/reader.fixture.ts'
import { writeInventories } from '../../src/machines/fragments/write.ts'

/**
 * A process with several writers of one inventory. What is on record is a folder with a file a machine; each message names
 * the machines that are to come and to go, one writer each, all at once: on record first, then in the inventory.
 */
const round = z.object({ world: z.string(), folder: z.string(), come: z.array(z.string()), go: z.array(z.string()) })

/** Between what is on record and what is written lies the time that Ansible takes. */
const read: InventoryReader = async text => {
  await after(Math.random() * 20)
  return readsLines(text)
}

process.on('message', (message: unknown) => {
  const { world, folder, come, go } = round.parse(message)
  const machines = async () => (await readdir(world)).map(name => listed(name))
  const write = async (change: () => Promise<void>) => {
    await after(Math.random() * 100)
    await change()
    await writeInventories(folder, { machines, read })
  }
  void Promise.all([
    ...come.map(name => write(() => writeFile(join(world, name), ''))),
    ...go.map(name => write(() => rm(join(world, name), { force: true }))),
  ]).then(
    () => process.send?.('done'),
    (error: unknown) => process.send?.(`failed: ${String(error)}`),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
