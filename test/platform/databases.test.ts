import { describe, expect, it } from 'vitest'
import { packFolder } from '../../src/domain/clusterFile/folderArchive.ts'
import { openPostgres } from '../../src/postgres/session.ts'
import { until } from '../until.ts'
import { databaseBench } from './databaseBench.ts'

/** From the settings of a cluster file to tables and Secrets. */

const { kubectl, create, sql, login, over, secret, versions } = databaseBench()
const { signal } = new AbortController()

const init = {
  roles: [{ name: 'shop_owner' }, { name: 'readers', login: false }],
  databases: [{ name: 'shop', owner: 'shop_owner', extensions: ['pgcrypto'] }],
}
const shop = (database = 'shop') => ({
  'database-init': {
    ...init,
    databases: [...init.databases, ...(database === 'shop' ? [] : [{ name: database, owner: 'shop_owner' }])],
  },
  'database-migration': { folders: [{ database, path: 'sql' }] },
  'storage-secret': {
    secrets: [{ name: 'shop-database', namespaces: ['shop', 'jobs'], user: 'shop_owner', database: 'shop' }],
  },
})
const folderOf = (files: Readonly<Record<string, string>>) => () =>
  Buffer.from(
    packFolder(Object.entries(files).map(([path, text]) => ({ path, contents: Buffer.from(text) }))),
  ).toString('base64')
const first = {
  '001_orders.sql': 'CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), total int)',
  '002_rows.sql': 'INSERT INTO orders (total) VALUES (1), (2);',
}
const applied = async (database = 'shop') =>
  (
    await sql<{ name: string }>(
      'SELECT name FROM _slipway.migrations WHERE applied_at IS NOT NULL ORDER BY number',
      database,
    )
  ).map(({ name }) => name)

it('from nothing to migrated databases in one apply; the same again changes nothing', async () => {
  const wanted = over(shop(), folderOf(first))
  const told = await wanted.told()
  expect(told['database-init']).toMatch(/^deferred: .* is not there$/)
  expect(told['database-migration']).toMatch(/^deferred: /)
  expect(told['storage-secret']).toEqual([
    'make namespace shop',
    'make namespace jobs',
    'create Secret shop/shop-database from Secret postgres/database-role-shop-owner, once that is complete: it is not there',
    'create Secret jobs/shop-database from Secret postgres/database-role-shop-owner, once that is complete: it is not there',
  ])
  const { status, errors, events } = await wanted.apply()
  expect({ status, errors }).toEqual({ status: 'completed', errors: [] })

  const { user, password = '', host, port, dbname, url } = secret('shop-database', 'jobs')
  expect({ user, host, port, dbname }).toEqual({
    user: 'shop_owner',
    host: 'postgres-primary.postgres.svc',
    port: '5432',
    dbname: 'shop',
  })
  expect(url).toBe(`postgresql://shop_owner:${password}@postgres-primary.postgres.svc:5432/shop`)
  await using session = await openPostgres(login('shop_owner', password), signal)
  expect(await session.rows('SELECT total FROM orders ORDER BY total')).toEqual([{ total: 1 }, { total: 2 }])
  expect(await applied()).toEqual(['001_orders.sql', '002_rows.sql'])

  const again = await wanted.plan()
  const before = versions()
  expect(await wanted.told()).toMatchObject({
    'database-init': 'skip: all roles, databases and extensions are there',
    'database-migration': 'skip: all migrations are applied (2)',
    'storage-secret': 'skip: all Secrets are as their sources',
  })
  expect(versions()).toBe(before)
  for (const text of [JSON.stringify(events), JSON.stringify(again)])
    for (const hidden of [password, secret('postgres-pguser-postgres')['password'] ?? '?'])
      expect(text).not.toContain(hidden)
})

describe('migrations', () => {
  it('that were changed, or have the same number, are named before anything is done', async () => {
    const changed = { ...first, '002_rows.sql': 'DELETE FROM orders', '003_more.sql': 'SELECT 1' }
    expect((await over(shop(), folderOf(changed)).told())['database-migration']).toEqual([
      expect.stringMatching(/^migration-changed: 002_rows.sql was applied at .* with other contents/),
    ])
    const doubled = { ...first, '2_other.sql': 'SELECT 1' }
    expect((await over(shop(), folderOf(doubled)).told())['database-migration']).toEqual([
      'file-unreadable: sql: 002_rows.sql and 2_other.sql have the same number 2',
    ])
    expect(await applied()).toEqual(['001_orders.sql', '002_rows.sql'])
  })

  it('stop at the file that is broken, with its line; with the file put right the rest is applied', async () => {
    const broken = {
      '1_a.sql': 'CREATE TABLE a (n int)',
      '2_b.sql': 'INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (nothing);',
      '3_c.sql': 'INSERT INTO a VALUES (3)',
    }
    const { status, errors, statuses } = await over(shop('stock'), folderOf(broken)).apply()
    expect(status).toBe('failed')
    expect(statuses).toMatchObject({
      'database-init': 'completed',
      'database-migration': 'failed',
      'storage-secret': 'blocked',
    })
    expect(errors[0]).toMatchObject({ code: 'migration-failed', facts: { file: '2_b.sql', line: 2 } })
    expect(errors[0]?.message).toContain('column "nothing" does not exist')
    expect(await applied('stock')).toEqual(['1_a.sql'])
    expect(await sql('SELECT * FROM a', 'stock')).toEqual([])
    const right = { ...broken, '2_b.sql': 'INSERT INTO a VALUES (2)' }
    expect(await over(shop('stock'), folderOf(right)).apply()).toMatchObject({ status: 'completed' })
    expect(await sql('SELECT n FROM a ORDER BY n', 'stock')).toEqual([{ n: 2 }, { n: 3 }])
  })

  it('go on where they were when their worker goes in the middle of one', async () => {
    const slow = {
      '1_a.sql': 'CREATE TABLE b (n int)',
      '2_b.sql': 'INSERT INTO b VALUES (2); SELECT pg_sleep(1)',
      '3_c.sql': 'INSERT INTO b VALUES (3)',
    }
    const isAsleep = () =>
      until('the second file is under way', async () => {
        const rows = await sql(
          "SELECT FROM pg_stat_activity WHERE application_name = 'slipway' AND wait_event = 'PgSleep'",
        )
        return rows.length > 0
      })
    expect(await over(shop('late'), folderOf(slow)).apply({ cut: isAsleep })).toMatchObject({ status: 'completed' })
    expect(await sql('SELECT n FROM b ORDER BY n', 'late')).toEqual([{ n: 2 }, { n: 3 }])
  })

  it('are applied by whom the cluster file names, of whom a login has to be known', async () => {
    const as = { folders: [{ database: 'shop', path: 'sql', as: 'nobody' }] }
    const { told } = over({ ...shop(), 'database-migration': as }, folderOf(first))
    expect((await told())['database-migration']).toEqual([
      'database-user-unknown: the migrations of database shop are to be applied as nobody, of whom no login is known',
    ])
  })
})

describe('passwords', () => {
  it('of roles are made up once: a role that was not made any more gets the one that is kept', async () => {
    const wanted = over({ 'database-init': { roles: [{ name: 'clerk' }] } })
    expect(await wanted.apply()).toMatchObject({ status: 'completed' })
    const { password = '' } = secret('database-role-clerk')
    await sql('DROP ROLE clerk')
    expect((await wanted.told())['database-init']).toEqual(['role clerk is created and may log in'])
    expect(await wanted.apply()).toMatchObject({ status: 'completed' })
    expect(secret('database-role-clerk')).toMatchObject({ password })
    await using session = await openPostgres(login('clerk', password), signal)
    expect(await session.rows('SELECT current_user')).toEqual([{ current_user: 'clerk' }])
  })

  it('are replaced in a database only when that is accepted', async () => {
    kubectl('delete', 'secret', 'database-role-shop-owner', '-n', 'postgres')
    const wanted = over(shop(), folderOf(first))
    expect((await wanted.told())['database-init']).toEqual([
      'role-password-differs: role shop_owner is there and has another password than the one that is wished for',
    ])
    await expect(wanted.apply()).rejects.toMatchObject({ code: 'preflight-failed' })
    const accepted = await wanted.apply({ accept: ['role-password-differs'] })
    expect(accepted.statuses).toMatchObject({
      'database-init': 'completed',
      'database-migration': 'skipped',
      'storage-secret': 'completed',
    })
    const { password = '' } = secret('database-role-shop-owner')
    expect(secret('shop-database', 'jobs')).toMatchObject({ password })
    await using session = await openPostgres(login('shop_owner', password), signal)
    expect(await session.rows('SELECT current_user')).toEqual([{ current_user: 'shop_owner' }])
  })
})

describe('another server than that of infra-postgres', () => {
  it('is reached by the Secret and the address that are set; infra-postgres is not brought for it', async () => {
    create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'theirs', namespace: 'default' },
      stringData: { username: 'slipway', password: 'any' },
    })
    const connection = {
      secret: 'theirs',
      namespace: 'default',
      address: login('slipway').host + ':' + login('slipway').port,
    }
    const { told } = over({
      'operator-pgo': undefined,
      'infra-postgres': undefined,
      'database-init': { connection, databases: [{ name: 'shop' }, { name: 'more', extensions: ['no_such'] }] },
    })
    expect(await told()).toEqual({
      'platform/prerequisites': expect.anything(),
      'database-init': ['extension-unavailable: the server does not bring the extension no_such'],
    })
  })
})

describe('storage-secret', () => {
  const of = (wish: object) => over({ 'storage-secret': { secrets: [{ name: 'db', namespaces: ['web'], ...wish }] } })
  const source = (name: string, data: Record<string, string>) =>
    create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, stringData: data })

  it('waits for what its source lacks, and follows it when it changes', async () => {
    source('own', { username: 'u', password: 'p:/?#', host: '' })
    const wanted = of({
      secret: { name: 'own', namespace: 'default' },
      keys: { url: 'DATABASE_URL' },
      parameters: { sslmode: 'require' },
    })
    expect((await wanted.told())['storage-secret']).toEqual([
      'make namespace web',
      'create Secret web/db from Secret default/own, once that is complete: it has no dbname',
    ])
    const completed = { username: 'u', password: 'p:/?#', dbname: 'd' }
    const told = 'Secret default/own: it has no dbname'
    expect(await wanted.apply({ meanwhile: { told, act: () => source('own', completed) } })).toMatchObject({
      status: 'completed',
    })
    const { DATABASE_URL } = secret('db', 'web')
    expect(DATABASE_URL).toBe('postgresql://u:p%3A%2F%3F%23@postgres-primary.postgres.svc:5432/d?sslmode=require')
    source('own', { username: 'u', password: 'other', dbname: 'd' })
    expect((await wanted.told())['storage-secret']).toEqual(['change what is in Secret web/db from Secret default/own'])
    expect(await wanted.apply()).toMatchObject({ status: 'completed' })
    expect(secret('db', 'web')).toMatchObject({ password: 'other' })
  })

  it('leaves the Secret of somebody else alone', async () => {
    source('db', { password: 'theirs' })
    const { told, apply } = over({
      'storage-secret': { secrets: [{ name: 'db', namespaces: ['default'], user: 'app' }] },
    })
    expect((await told())['storage-secret']).toEqual([
      'object-of-another: there is a Secret default/db already, which Slipway has not made',
    ])
    await expect(apply()).rejects.toMatchObject({ code: 'preflight-failed' })
    expect(secret('db', 'default')).toEqual({ password: 'theirs' })
  })
})
