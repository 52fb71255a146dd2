import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { migrateUp } from '../../src/store/migrations.ts'
import { openDatabase } from '../../src/store/openStore.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const root = join(import.meta.dirname, '../..')
const manifest = join(root, 'node_modules/@electric-sql/pglite/package.json')
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')))
const store = join(root, 'src/store')
const steps = readdirSync(join(store, 'migrations')).map(file => `migrations/${file}`)
/** Other migrations make other tables. */
const schema = ['migrations.ts', ...steps.toSorted()]
  .reduce((hash, file) => hash.update(file).update(readFileSync(join(store, file))), createHash('sha256'))
  .digest('hex')
  .slice(0, 12)

/** Another version makes other files: each has templates of its own. */
const templateOf = (what: string) => join(tmpdir(), `slipway-pglite-${what}-${version}-${process.getuid?.() ?? 0}`)
const templates = { empty: templateOf('empty'), migrated: templateOf(schema) }

/**
 * The first start of PGlite takes seconds, and so do the migrations: each is done once, and what it made is copied to the
 * folder. There is nothing in an empty database, and nothing in the tables of one that is migrated.
 */
export async function seedPglite(dataFolder: string, what: keyof typeof templates): Promise<void> {
  if (!existsSync(templates[what])) {
    const fresh = temporaryFolder('pglitenew')
    if (what === 'migrated') await seedPglite(fresh, 'empty')
    const { database, close } = await openDatabase({ folder: fresh })
    if (what === 'migrated') await migrateUp(database)
    await close()
    await rename(join(fresh, 'database'), templates[what]).catch(() => {})
    await rm(fresh, { recursive: true, force: true })
  }
  // A thousand files: the other copy of Node takes several times the processor time.
  cpSync(templates[what], join(dataFolder, 'database'), { recursive: true })
}
