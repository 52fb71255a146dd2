import { existsSync, readFileSync } from 'node:fs'
import { cp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { openDatabase } from '../../src/store/openStore.ts'
import { temporaryFolder } from './temporaryFolder.ts'

/** Another version makes other files: each has a template of its own. */
const manifest = join(import.meta.dirname, '../../node_modules/@electric-sql/pglite/package.json')
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')))
const template = join(tmpdir(), `slipway-pglite-template-${version}-${process.getuid?.() ?? 0}`)

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
