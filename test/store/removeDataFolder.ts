import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endLeftovers } from '../../src/store/embedded/leftovers.ts'

/** The database of a Slipway that was killed ends by itself, but not at once, and would write into the folder. */
export async function endDatabase(dataFolder: string): Promise<void> {
  const database = join(dataFolder, 'postgresql')
  if (existsSync(database)) await endLeftovers(database, [['SIGKILL', 10_000]])
}

export async function removeDataFolder(folder: string): Promise<void> {
  await endDatabase(folder)
  await rm(folder, { recursive: true, force: true })
}
