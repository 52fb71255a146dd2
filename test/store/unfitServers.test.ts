import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readCluster } from '../../src/store/clusters.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { until } from '../until.ts'
import { serverKind, type TestDatabase } from './databases.ts'
import { aCluster } from './fixtures.ts'
import { startPooler } from './pooler.ts'

/** Servers in DATABASE_URL that are not as they have to be: refused with what to do, before anything is made there. */
const kind = serverKind()
let database: TestDatabase
let url: string
const ends: (() => Promise<void>)[] = []
beforeEach(async () => {
  database = await kind.create()
  url = 'url' in database.location ? database.location.url : ''
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  await database.remove()
})

async function open(at: string): Promise<Store> {
  const store = await openStore({ url: at })
  ends.push(() => store.close())
  return store
}
async function say(statements: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statements)
  await client.end()
}
const name = () => new URL(url).pathname.slice(1)
const asAccount = (account: string) => url.replace('slipway@', `${account}@`)
async function account(rights = ''): Promise<string> {
  const made = `plain_${name().replaceAll('-', '')}`
  await say(`CREATE ROLE ${made} LOGIN`)
  ends.push(() => say(`DROP OWNED BY ${made} CASCADE; DROP ROLE ${made}`))
  if (rights) await say(rights.replaceAll('ACCOUNT', made))
  return asAccount(made)
}
const refused = (code: string, message: RegExp, remedy: RegExp) => ({
  code,
  message: expect.stringMatching(message),
  remedy: expect.stringMatching(remedy),
})
async function tables(): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rowCount } = await client.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`)
  await client.end()
  return rowCount ?? 0
}
const ignored = 'ignore_startup_parameters = statement_timeout,idle_in_transaction_session_timeout'

it('a pooler in transaction mode is refused as it comes', async () => {
  const pooler = await startPooler(kind.server().port, 'transaction')
  ends.push(() => pooler.stop())
  await expect(open(pooler.through(url))).rejects.toMatchObject(
    refused('database-pooled', /unsupported startup parameter/, /the PostgreSQL server itself/),
  )
})

it.each([
  ['that has few sessions for all', ['default_pool_size = 2', 'max_db_connections = 2']],
  ['that takes one session after the other', ['server_round_robin = 1', 'min_pool_size = 5']],
])('a pooler in transaction mode %s, and hides it, is found by what it loses', async (_what, more) => {
  const pooler = await startPooler(kind.server().port, 'transaction', [ignored, ...more])
  ends.push(() => pooler.stop())
  await expect(open(pooler.through(url))).rejects.toMatchObject(
    refused('database-pooled', /who listens there is not told/, /session mode/),
  )
  expect(await tables()).toBe(0)
})

it('a pooler in session mode is as good as the server', async () => {
  const pooler = await startPooler(kind.server().port, 'session', [ignored])
  ends.push(() => pooler.stop())
  const store = await open(pooler.through(url))
  await aCluster(store)
  expect((await readCluster(store.database, 'demo')).name).toBe('demo')
})

it('a standby is refused, with its primary as the way out', async () => {
  await (await openStore(database.location)).close()
  const standby = await kind.server().standby()
  ends.push(() => standby.stop())
  const there = new URL(url)
  there.port = String(standby.port)
  await expect(open(there.href)).rejects.toMatchObject(refused('database-read-only', /standby/, /primary/))
})

it.each([
  ['a database', (of: string) => `ALTER DATABASE "${of}" SET default_transaction_read_only = on`],
  ['an account', (of: string) => `ALTER ROLE slipway IN DATABASE "${of}" SET default_transaction_read_only = on`],
])('%s that is set to read only is refused', async (_what, setting) => {
  await say(setting(name()))
  await expect(open(url)).rejects.toMatchObject(
    refused('database-read-only', /read-only/, /default_transaction_read_only/),
  )
})

it('a database that is set to read only while it is used says so at the next write', async () => {
  const store = await open(url)
  await say(`ALTER DATABASE "${name()}" SET default_transaction_read_only = on`)
  await kind.server().restart()
  const written = () =>
    aCluster(store).then(
      () => null,
      (error: unknown) => error,
    )
  let error: unknown
  await until('it has connections of after the restart', async () => {
    error = await written()
    return !(error instanceof Error && 'code' in error && error.code === 'database-unavailable')
  })
  expect(error).toMatchObject({ code: 'database-read-only' })
})

it('an account that may not make tables is refused, with the right that it lacks', async () => {
  await expect(open(await account())).rejects.toMatchObject(
    refused('database-rights', /may not make tables in the schema public/, /GRANT USAGE, CREATE ON SCHEMA "public"/),
  )
})

it('an account without a schema is refused', async () => {
  const at = await account('ALTER ROLE ACCOUNT SET search_path = nowhere')
  await expect(open(at)).rejects.toMatchObject(refused('database-rights', /no schema/, /CREATE SCHEMA/))
})

it('an account that finds the tables of another one is refused', async () => {
  await (await open(url)).close()
  const at = await account('GRANT USAGE, CREATE ON SCHEMA public TO ACCOUNT')
  await expect(open(at)).rejects.toMatchObject(refused('database-rights', /permission denied/, /OWNER TO/))
})

it('an account or a database that is not there is told as a login that is refused', async () => {
  await expect(open(asAccount('nobody'))).rejects.toMatchObject(
    refused('database-login', /role "nobody" does not exist/, /DATABASE_URL/),
  )
  await expect(open(url.replace(name(), 'nowhere'))).rejects.toMatchObject(
    refused('database-login', /database "nowhere" does not exist/, /DATABASE_URL/),
  )
})
