import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { applyMigrations, type MigrationOrder, migrationStanding } from '../../src/postgres/migrations/apply.ts'
import { openPostgres } from '../../src/postgres/session.ts'
import { until } from '../until.ts'
import { migrationsOf, scratchDatabases } from './scratch.ts'

const scratch = scratchDatabases()
const { signal } = new AbortController()

function apply(texts: Readonly<Record<string, string>>, rest: Partial<MigrationOrder> = {}, around = signal) {
  const order = { migrations: migrationsOf(texts), by: 'a test', isAccepted: () => false, ...rest }
  const said: string[] = []
  return applyMigrations(scratch.target, order, around, text => said.push(text)).then(applied => ({
    applied: applied.map(({ name }) => name),
    said,
  }))
}
const standing = async (texts: Readonly<Record<string, string>>) => {
  const { applied, pending, findings } = await migrationStanding(scratch.target, migrationsOf(texts), signal)
  return [applied, pending, findings].map(each => each.map(({ name }) => name).join(' '))
}
const names = () => scratch.column('SELECT name FROM _slipway.migrations WHERE applied_at IS NOT NULL ORDER BY number')
const tables = () => scratch.column(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)

const three = {
  '2_b.sql': 'create table b (id int primary key);\ninsert into b values (1);',
  '1_a.sql': 'create table a (id int);',
  '10_c.sql': '-- nothing to do',
}

it('files are applied in their order, once; a look before makes nothing, and a second time changes nothing', async () => {
  expect(await standing(three)).toEqual(['', '1_a.sql 2_b.sql 10_c.sql', ''])
  expect(await scratch.column(`SELECT nspname FROM pg_namespace WHERE nspname = '_slipway'`)).toEqual([])
  expect(await apply(three)).toEqual({
    applied: ['1_a.sql', '2_b.sql', '10_c.sql'],
    said: ['1_a.sql (1 of 3)', '2_b.sql (2 of 3)', '10_c.sql (3 of 3)'],
  })
  const rows = () => scratch.column('SELECT (m, m.xmin)::text FROM _slipway.migrations m ORDER BY number')
  const before = await rows()
  expect(before[0]).toMatch(/1_a\.sql.*a test/)
  expect(await apply(three)).toEqual({ applied: [], said: [] })
  expect(await rows()).toEqual(before)
  expect(await standing(three)).toEqual(['1_a.sql 2_b.sql 10_c.sql', '', ''])
})

describe('a file that fails', () => {
  it('is undone as a whole and named with its place; what is before it stays, and it goes on there', async () => {
    const broken = { ...three, '10_c.sql': `create table c (ä text);\n  insert into c values ('🚢'), (unknown);` }
    await expect(apply(broken)).rejects.toMatchObject({
      code: 'migration-failed',
      message: expect.stringMatching(
        /^10_c\.sql:2:32: column "unknown" does not exist \(SQLSTATE 42703\).*: insert into c values \('••••'\), \(unknown\); nothing of this file was applied$/,
      ),
      facts: { file: '10_c.sql', line: 2, column: 32, state: '42703' },
    })
    expect(await names()).toEqual(['1_a.sql', '2_b.sql'])
    expect(await tables()).toEqual(['a', 'b'])
    expect((await apply({ ...three, '10_c.sql': 'create table c ();' })).applied).toEqual(['10_c.sql'])
  })

  it.each([
    [
      'where no position is told',
      'select 1;\n/* b */ insert into t values (1);',
      /^2_x\.sql:2:9: duplicate key .*Key \(id\)=\(••••\) already exists.*: insert into t/,
    ],
    [
      'at its end, where all is checked',
      'insert into late values (7);',
      /^2_x\.sql:1:29: insert or update on table "late" violates/,
    ],
    [
      'where nothing can be read',
      'select 1;\nselec 2;',
      /^2_x\.sql:2:1: syntax error at or near "selec" \(SQLSTATE 42601\): selec 2; nothing/,
    ],
    [
      'in a function',
      `do $$ begin\n perform 1/0; end $$`,
      /^2_x\.sql:1:1: division by zero.*in: .*PL\/pgSQL function.*: do '••••'/,
    ],
    ['with what is secret', `select 'hunter22'::int as password`, /invalid input syntax for type integer: "••••"/],
    ['after its time', 'set local statement_timeout = 50; select pg_sleep(5)', /statement timeout/],
  ])('is told: %s', async (_what, text, message) => {
    const first =
      'create table t (id int primary key); insert into t values (1); create table late (id int references t deferrable initially deferred);'
    await expect(apply({ '1_t.sql': first, '2_x.sql': text })).rejects.toMatchObject({
      code: 'migration-failed',
      message: expect.stringMatching(message),
    })
    expect(await names()).toEqual(['1_t.sql'])
  })

  it('because it has ended its transaction in a way that only the server sees is half done from then on', async () => {
    await scratch.execute(`ALTER DATABASE ${scratch.target.database} SET standard_conforming_strings = off`)
    const sly = { '1_a.sql': `create table a (); select 'a\\''; commit; create table b () --'` }
    await expect(apply(sly)).rejects.toMatchObject({
      code: 'migration-failed',
      message: expect.stringContaining('has ended the transaction'),
    })
    expect(await standing(sly)).toEqual(['', '1_a.sql', 'migration-half-done'])
  })
})

describe('a file without a transaction', () => {
  const alone = (sql: string) => ({
    '1_a.sql': 'create table a (id int); insert into a values (1), (1);',
    '2_i.sql': `-- slipway: no-transaction\n${sql}`,
  })
  const index = alone('create unique index concurrently i on a (id);\nselect 1;')

  it('that was begun and failed stands in the way until that was accepted', async () => {
    await expect(apply(index)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^2_i\.sql:2:1: could not create unique index .* a part of this statement may be done$/,
      ),
    })
    const refused = { code: 'migrations-refused', findings: [{ name: 'migration-half-done', severity: 'error' }] }
    await expect(apply(index)).rejects.toMatchObject(refused)
    await expect(apply(index)).rejects.toThrow('indexes that are not valid: i')
    await scratch.execute('drop index i; delete from a')
    const isAccepted: MigrationOrder['isAccepted'] = ({ name }) => name === 'migration-half-done'
    expect((await apply(index, { isAccepted })).applied).toEqual(['2_i.sql'])
    expect(await standing(index)).toEqual(['1_a.sql 2_i.sql', '', ''])
  })

  it('of which nothing was done is no half-done one', async () => {
    await expect(apply(alone('select nothing;'))).rejects.toThrow('nothing of this file was applied')
    expect((await apply(alone('select 1;'))).applied).toEqual(['2_i.sql'])
  })

  it('tells how far it came', async () => {
    await expect(apply(alone('create table b ();\nvacuum a;\nselect nothing;'))).rejects.toThrow(
      /^2_i\.sql:4:8: .*the 2 before it are applied$/,
    )
    expect(await tables()).toEqual(['a', 'b'])
  })

  it('ends the transactions that it begins', async () => {
    await expect(apply(alone('begin; create table b ();'))).rejects.toThrow('has begun a transaction and not ended it')
    expect(await tables()).toEqual(['a'])
  })
})

it('files that do not fit what was applied are refused before anything is done', async () => {
  await apply(three)
  const { '1_a.sql': _, ...others } = three
  await expect(
    apply(
      { ...others, '2_b.sql': 'select 2', '3_d.sql': 'create table d ();' },
      { isAccepted: ({ name }) => name !== 'migration-changed' },
    ),
  ).rejects.toMatchObject({ code: 'migrations-refused', findings: [{ name: 'migration-changed' }] })
  const late = { ...others, '3_d.sql': 'create table d ();' }
  expect(await standing(late)).toEqual([
    '1_a.sql 2_b.sql 10_c.sql',
    '3_d.sql',
    'migration-missing migration-out-of-order',
  ])
  expect((await apply(late, { isAccepted: () => true })).applied).toEqual(['3_d.sql'])
})

it('a new checksum is taken over as the remedy says', async () => {
  await apply(three)
  const changed = { ...three, '1_a.sql': 'create table a (id int); -- of the first' }
  const { findings } = await migrationStanding(scratch.target, migrationsOf(changed), signal)
  await scratch.execute(/UPDATE .*;/.exec(findings[0]?.remedy ?? '')?.[0] ?? '')
  expect(await standing(changed)).toEqual(['1_a.sql 2_b.sql 10_c.sql', '', ''])
})

it('what a file sets ends with it, and its record is ours', async () => {
  await scratch.execute('create role somebody; grant create on schema public to somebody')
  const sets = `select set_config('search_path', '', false); set role somebody; set statement_timeout = 7; create table public.a ();`
  await apply({ '1_a.sql': sets, '2_b.sql': 'create table b (); create table c as select current_user as who' })
  expect(await scratch.column('select who from public.c')).toEqual(['slipway'])
  await scratch.execute('drop table a; drop owned by somebody; drop role somebody')
})

it('two at once apply each file once; whoever waits tells for whom', async () => {
  const slow = { '1_a.sql': 'create table a (); select pg_sleep(0.3)', '2_b.sql': 'create table b ()' }
  const both = await Promise.all([apply(slow), apply(slow)])
  expect(both.map(({ applied }) => applied.length).toSorted()).toEqual([0, 2])
  expect(both.map(({ said }) => said.join()).join()).toMatch(/waits until session \d+ of slipway \(slipway at 127/)
})

it('a lock that nobody gives back is named, and so is one on a table', async () => {
  await using other = await openPostgres(scratch.target, signal)
  await other.rows('SELECT pg_advisory_lock($1)', [String((0x73_6c_69n << 32n) | 0x70_77_61_79n)])
  await expect(apply(three, { limits: { turn: 50 } })).rejects.toMatchObject({
    code: 'migrations-locked',
    message: expect.stringContaining(`session ${other.pid} of slipway`),
  })
  await other.rows('SELECT pg_advisory_unlock_all()')
  await other.rows('create table busy ()')
  await other.run('begin; lock table busy')
  await expect(apply({ '1_a.sql': 'alter table busy add x int' }, { limits: { lock: 50 } })).rejects.toMatchObject({
    code: 'migration-failed',
    facts: { state: '55P03' },
  })
})

it('one that is broken off is undone by the server at once, and leaves no lock', async () => {
  const stop = new AbortController()
  const running = apply({ '1_a.sql': 'create table a (); select pg_sleep(600)' }, {}, stop.signal)
  await until('it sleeps', async () =>
    (await scratch.column(`SELECT wait_event FROM pg_stat_activity WHERE application_name = 'slipway'`)).includes(
      'PgSleep',
    ),
  )
  stop.abort()
  await expect(running).rejects.toMatchObject({ name: 'AbortError' })
  expect((await apply({ '1_a.sql': 'create table a ()' })).applied).toEqual(['1_a.sql'])
})

it('whenever its session is killed, what was applied is on record, and it goes on there', async () => {
  const files = Object.fromEntries(
    [1, 2, 3, 4].map(at => [
      `${at}_t.sql`,
      `create table t${at} (); select pg_sleep(0.02); create index on t${at} ((1));`,
    ]),
  )
  let deaths = 0
  for (let killed = 0; killed < 12; killed += 1) {
    await Promise.all([
      apply(files).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'postgres-unreachable' })
        deaths += 1
      }),
      after(20 + killed * 8).then(() =>
        scratch.column(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()`,
        ),
      ),
    ])
    const [applied = []] = [(await standing(files))[0]?.split(' ').filter(name => name !== '')]
    expect(await tables()).toEqual(applied.map((_, at) => `t${at + 1}`))
  }
  expect(deaths).toBeGreaterThan(1)
  await apply(files)
  expect(await standing(files)).toEqual(['1_t.sql 2_t.sql 3_t.sql 4_t.sql', '', ''])
})

it('a server that is not reached, or says no, is told apart', async () => {
  const open = (changes: object) => openPostgres({ ...scratch.target, ...changes }, signal)
  await expect(open({ port: 1 })).rejects.toMatchObject({ code: 'postgres-unreachable', facts: { passing: true } })
  await expect(open({ user: 'nobody' })).rejects.toMatchObject({ code: 'postgres-login' })
  await expect(open({ database: 'nothing' })).rejects.toMatchObject({
    code: 'postgres-refused',
    facts: { state: '3D000' },
  })
  await expect(open({ tls: { mode: 'require' } })).rejects.toThrow('does not support SSL')
  await using session = await open({ tls: { mode: 'prefer' } })
  const gone = scratch.server.restart()
  await expect(session.rows('select pg_sleep(60)')).rejects.toMatchObject({ code: 'postgres-unreachable' })
  await gone
})
