import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { databaseAccount } from '../../src/store/embedded/account.ts'
import { findPrograms } from '../../src/store/embedded/programs.ts'
import { makeEarlierSocketFolder, makeSocketFolder } from '../../src/store/embedded/socketFolder.ts'
import { migrateDown, migrations } from '../../src/store/migrations.ts'
import { openDatabase, openStore, type RawDatabase, type Store, type StoreLocation } from '../../src/store/openStore.ts'
import { chains, createKillableRuns, expectRightEnds, removeRuns, workAt } from '../engine/killHarness.ts'
import { until } from '../until.ts'
import type { TestDatabase } from './databases.ts'
import { asEarlier, asNewer, earlierFolder, openedAsEarlier, openedSecret, rowsIn, secret } from './earlierDatabase.ts'
import { ofEarlierSlipway } from './earlierVersion.ts'
import { clusterFileOf, emptyTables, node } from './fixtures.ts'
import { killPostmaster } from './postmaster.ts'
import { linesOf, opening } from './openings.ts'
import { removeDataFolder } from './removeDataFolder.ts'
import { temporaryFolder } from './temporaryFolder.ts'
import { applyDesiredState } from './applyDesiredState.ts'

let folder: string
const others: string[] = []
beforeEach(async () => {
  folder = await earlierFolder()
})
afterEach(async () => {
  for (const each of [folder, ...others.splice(0)]) await removeDataFolder(each)
})

const database = (name = 'postgresql') => join(folder, name)
const version = async (store: Store) =>
  (await sql<{ version: string }>`SELECT current_setting('server_version') AS version`.execute(store.database)).rows[0]
    ?.version
/** What is in the data folder but the database's own files. */
const names = () => readdirSync(folder).filter(name => name.startsWith('postgresql') && !name.includes('.log'))

describe('a database of the earlier version', () => {
  it('is converted with every row, number and secret, under its identity, and told', async () => {
    mkdirSync(join(folder, 'backups'))
    writeFileSync(join(folder, 'backups', 'yesterday'), 'kept')
    const before = await openedAsEarlier(folder)
    const told: string[] = []
    const store = await openStore(asNewer(folder), message => told.push(message))
    expect(await version(store)).toMatch(/^18\./)
    expect(await rowsIn(store)).toEqual(before.rows)
    expect(store.installation.epoch).toBe(before.epoch)
    expect(await openedSecret(store, folder)).toBe(secret)
    expect(await readFile(join(folder, 'backups', 'yesterday'), 'utf8')).toBe('kept')
    expect(told).toEqual([
      'the database of PostgreSQL 17 is converted to PostgreSQL 18; it stays as it is meanwhile',
      `the database is one of PostgreSQL 18 now; that of PostgreSQL 17 is ${database('postgresql.old-17')} until this one has started well`,
      `${database('postgresql.old-17')}, the database before its conversion, was removed: the new one has started well`,
    ])
    for (const message of told) expect(await readFile(database('postgresql.log'), 'utf8')).toContain(message)
    expect(names()).toEqual(['postgresql'])
    expect(readdirSync(database())).not.toContain('slipway-converted-from')
    // Numbers of rows that are gone are not given away again: 1 and 3 are there, 2 was.
    await applyDesiredState(store.database, clusterFileOf('next', [node('m1', '10.9.0.1', 'initial_master')]))
    const { id } = await store.database
      .selectFrom('clusters')
      .select('id')
      .where('name', '=', 'next')
      .executeTakeFirstOrThrow()
    expect(id).toBe(4)
    await store.close()
  })

  it('has runs under way: they go on in the new one where they were', async () => {
    const at = (location: StoreLocation): TestDatabase => ({
      location,
      open: () => openStore(location),
      remove: async () => {},
    })
    const earlier = await openStore(asEarlier(folder))
    await emptyTables(earlier).finally(earlier.close)
    const runs = await createKillableRuns(at(asEarlier(folder)), 2, world => chains(world, 20))
    const [first = ''] = runs.ids
    expect(await workAt(runs, { at: { run: first, write: 6, side: 'after' } })).toBe(true)
    const converted = { ...runs, database: at(asNewer(folder)) }
    expect(await workAt(converted, {})).toBe(false)
    await expectRightEnds(converted)
    await removeRuns(runs)
  })

  it('is kept until the new one was open and up to date; until then one can go back to it', async () => {
    const before = await openedAsEarlier(folder)
    const raw = await openDatabase(asNewer(folder))
    await raw.close()
    expect(names()).toEqual(['postgresql', 'postgresql.old-17'])
    renameSync(database(), database('away'))
    expect(await openStore(asNewer(folder)).catch((error: unknown) => error)).toMatchObject({
      code: 'database-damaged',
      message: `${database()}: it is gone, and ${database('postgresql.old-17')} is there`,
    })
    renameSync(database('postgresql.old-17'), database())
    expect(await openedAsEarlier(folder)).toEqual(before)
    // It has worked since: should the new one be put back, that is told by a higher epoch.
    await rm(database(), { recursive: true })
    renameSync(database('away'), database())
    const store = await openStore(asNewer(folder))
    await store.close()
    expect(store.installation.epoch).toBeGreaterThan(before.epoch)
  })

  it('that was not shut down in order recovers first, and loses nothing', async () => {
    const { rows } = await openedAsEarlier(folder)
    const program = `
      const { openStore } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/store/openStore.ts'))})
      const store = await openStore(${JSON.stringify({ folder, versions: ofEarlierSlipway })})
      await store.database.updateTable('nodes').set({ last_error: 'the last word' }).execute()
      console.log('written')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGSTOP')
    await killPostmaster(database())
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(readdirSync(database())).toContain('postmaster.pid')
    const told: string[] = []
    const store = await openStore(asNewer(folder), message => told.push(message))
    const converted = await rowsIn(store)
    await store.close()
    expect(told).toContain(
      'the database was not closed in order: it recovers by itself, nothing that was acknowledged is lost',
    )
    const nodes = converted.get('nodes') ?? []
    expect(nodes.filter(row => row.includes('the last word'))).toHaveLength(rows.get('nodes')?.length ?? 0)
  })

  it('with a PostgreSQL that has outlived its Slipway: that one is ended first', async () => {
    const sockets = makeSocketFolder(folder)
    const programs = findPrograms(makeEarlierSocketFolder(sockets), ofEarlierSlipway.current)
    const [command = '', ...rest] = [
      'flock',
      '--no-fork',
      '.',
      ...databaseAccount().before,
      programs.postgres,
      '-D',
      '.',
      ...['listen_addresses=', `unix_socket_directories=${sockets}`].flatMap(setting => ['-c', setting]),
    ]
    const orphan = spawn(command, rest, {
      cwd: database(),
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...programs.environment },
    })
    const ended = once(orphan, 'exit')
    let said = ''
    orphan.stderr.on('data', (text: Buffer) => (said += text.toString()))
    await until('the orphan works', () => said.includes('ready to accept connections'))
    const told: string[] = []
    const store = await openStore(asNewer(folder), message => told.push(message))
    await store.close()
    await ended
    expect(told).toContain('the database of an earlier start is still being ended')
  })

  it('behind a link to another disk is converted there', async () => {
    const disk = temporaryFolder('disk')
    others.push(disk)
    renameSync(database(), join(disk, 'pg'))
    symlinkSync(join(disk, 'pg'), database())
    const raw = await openDatabase(asNewer(folder))
    await raw.close()
    expect(readdirSync(disk)).toEqual(['pg', 'pg.old-17'])
    // Broken off between the renames.
    renameSync(join(disk, 'pg'), join(disk, 'pg.converted-from-17'))
    const store = await openStore(asNewer(folder))
    expect(await version(store)).toMatch(/^18\./)
    expect((await rowsIn(store)).get('clusters')).toHaveLength(2)
    await store.close()
    expect(readdirSync(disk)).toEqual(['pg'])
    await rm(database())
  })
})

describe('the schema of a database of the earlier version', () => {
  const asItWas = async <Result>(work: (raw: RawDatabase) => Promise<Result>): Promise<Result> => {
    const raw = await openDatabase(asEarlier(folder))
    return work(raw).finally(raw.close)
  }
  const steps = ({ database }: RawDatabase) => database.selectFrom('schema_migrations').select('number').execute()

  it('is brought up to date when its rows are there; the earlier database is not changed', async () => {
    await asItWas(raw => migrateDown(raw.database, 3))
    const raw = await openDatabase(asNewer(folder))
    expect(await steps(raw)).toHaveLength(migrations.length)
    expect((await raw.database.selectFrom('nodes').select('hostname').execute()).length).toBe(5)
    await raw.close()
    await rm(database(), { recursive: true })
    renameSync(database('postgresql.old-17'), database())
    expect(await asItWas(steps)).toHaveLength(3)
  })

  it('may be missing: of a first start that was killed before it had made any table', async () => {
    await asItWas(raw => sql`DROP SCHEMA public CASCADE; CREATE SCHEMA public`.execute(raw.database))
    const store = await openStore(asNewer(folder))
    expect(await version(store)).toMatch(/^18\./)
    await store.close()
    expect(names()).toEqual(['postgresql'])
  })
})

it('a database of the earlier version is converted by a user who is not root as well; it is on the disk before it has its name', () => {
  const asPlainUser = ['unshare', '--user', '--map-user=65534', '--map-group=65534']
  const [opened] = linesOf([...asPlainUser, ...opening, JSON.stringify({ folder })])
  expect(opened).toMatchObject({ uid: 65534, clusters: ['demo', 'second'] })
  const calls = z
    .object({ calls: z.array(z.string()) })
    .parse(opened)
    .calls.filter(call => call !== 'write postgresql.log')
  const marked = calls.indexOf('write slipway-converted-from')
  expect(calls.slice(marked, marked + 3)).toEqual([
    'write slipway-converted-from',
    expect.stringContaining('initdb -D /proc/self/cwd --sync-only'),
    expect.stringMatching(/^rename postgresql\.being-made-\d+ to postgresql\.converted-from-17$/),
  ])
})
