import { existsSync } from 'node:fs'
import { cp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../src/store/openStore.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const template = join(tmpdir(), `slipway-pglite-template-0.5.16-${process.getuid?.() ?? 0}`)

/** The first start of PGlite takes seconds: it is done once, and what it made (nothing is in it) is copied to the folder. */
export async function seedPglite(dataFolder: string): Promise<void> {
  if (!existsSync(template)) {
    const fresh = temporaryFolder('pglitenew')
    const database = await openDatabase({ folder: fresh })
    await database.close()
    await rename(join(fresh, 'database'), template).catch(() => {})
    await rm(fresh, { recursive: true, force: true })
  }
  await cp(template, join(dataFolder, 'database'), { recursive: true })
}
