import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { migrateUp } from '../../src/store/migrations.ts'
import { openDatabase } from '../../src/store/openStore.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const root = join(import.meta.dirname, '../..')
const store = join(root, 'src/store')
const steps = ['migrations', 'functions'].flatMap(folder =>
  readdirSync(join(store, folder)).map(file => `${folder}/${file}`),
)
const hashOf = (...files: readonly string[]): string =>
  files
    .reduce((hash, file) => hash.update(file).update(readFileSync(join(root, file))), createHash('sha256'))
    .digest('hex')
    .slice(0, 12)

/** Another version, or other settings, make other files; other migrations or functions make another schema. */
const made = hashOf('package.json', 'src/store/embedded/settings.ts')
const schema = hashOf(...['migrations.ts', ...steps.toSorted()].map(file => `src/store/${file}`))
const templateOf = (what: string) => join(tmpdir(), `slipway-postgresql-${what}-${process.getuid?.() ?? 0}`)
/** `server`: also with the templates from which a server makes further databases. */
const templates = {
  server: templateOf(`server-${made}`),
  empty: templateOf(`empty-${made}`),
  migrated: templateOf(`migrated-${made}-${schema}`),
}

/**
 * To make a database takes a second of processor time, and so do the migrations: each is done once, and what it made is
 * copied. There is nothing in an empty database, and nothing in the tables of one that is migrated.
 */
export async function seedDatabase(dataFolder: string, what: keyof typeof templates): Promise<void> {
  // Hundreds of files: the other copy of Node takes several times the processor time.
  const folder = join(dataFolder, 'postgresql')
  cpSync(await templateFolder(what), folder, { recursive: true })
  // Which does not keep the mode of folders.
  chmodSync(folder, 0o700)
}

async function templateFolder(what: keyof typeof templates): Promise<string> {
  const template = templates[what]
  if (existsSync(template)) return template
  const fresh = temporaryFolder('template')
  if (what === 'migrated') await seedDatabase(fresh, 'empty')
  const { database, close } = await openDatabase({ folder: fresh })
  if (what === 'empty') {
    // Two thirds of the files are those of databases that nobody uses.
    await sql`UPDATE pg_database SET datistemplate = false`.execute(database)
    await sql`DROP DATABASE template0`.execute(database)
    await sql`DROP DATABASE template1`.execute(database)
  }
  if (what === 'migrated') await migrateUp(database)
  await close()
  await rename(join(fresh, 'postgresql'), template).catch(() => {})
  await rm(fresh, { recursive: true, force: true })
  return template
}
