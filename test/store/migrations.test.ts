import { afterEach, beforeEach, expect, it } from 'vitest'
import { sql } from 'kysely'
import { migrateDown, migrateUp, migrations, migrationStatus } from '../../src/store/migrations.ts'
import { openDatabase, type RawDatabase } from '../../src/store/openStore.ts'
import { clusterSubject, type Subject } from '../../src/domain/subject.ts'
import { makePlan } from '../../src/engine/plan/plan.ts'
import { readEventOrder } from '../../src/store/eventOrder.ts'
import { findPlan, savePlan } from '../../src/store/plans.ts'
import { createEmbedded, type TestDatabase } from './databases.ts'
import { onePlan } from './onePlan.ts'

let place: TestDatabase
let raw: RawDatabase
beforeEach(async () => {
  place = await createEmbedded()
  raw = await openDatabase(place.location)
})
afterEach(async () => {
  await raw.close()
  await place.remove()
})
/** Every table, column, constraint, index and function that is ours, in words. */
const schema = async (): Promise<unknown[]> => {
  const { rows } = await sql`
    SELECT 'column' AS kind, table_name || '.' || column_name || ' ' || data_type || coalesce(column_default, '') AS word
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'function', proname || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1, 2`.execute(raw.database)
  return rows
}

it('are numbered without gaps', () => {
  expect(migrations.map(one => one.number)).toEqual(migrations.map((_, index) => index + 1))
})

it('go up once, all the way down, and up again to the same schema', async () => {
  expect(await migrateUp(raw.database)).toEqual(migrations.map(one => one.number))
  expect(await migrateUp(raw.database)).toEqual([])
  const before = await schema()
  expect(await migrateDown(raw.database, 0)).toEqual(migrations.map(one => one.number).toReversed())
  expect(await migrateDown(raw.database, 0)).toEqual([])
  const { rows } = await sql`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`.execute(raw.database)
  expect(rows).toEqual([{ tablename: 'schema_migrations' }])
  await migrateUp(raw.database)
  expect(await schema()).toEqual(before)
  const status = await migrationStatus(raw.database)
  expect(status.every(one => one.applied !== null)).toBe(true)
})

it('keep the data of the steps below when one step goes down and up again', async () => {
  await migrateUp(raw.database)
  const insert = (name: string) =>
    raw.database
      .insertInto('clusters')
      .values({ name, type: 'managed', distribution: 'rke2', version: 'v1.34.1+rke2r1' })
      .execute()
  await insert('demo')
  await raw.database
    .insertInto('nodes')
    .columns(['cluster_id', 'position', 'hostname', 'internal_ip', 'role', 'status'])
    .expression(eb =>
      eb
        .selectFrom('clusters')
        .select(({ val }) => [
          'id',
          val(0).as('p'),
          val('m1').as('h'),
          val('10.0.0.1').as('i'),
          val('master').as('r'),
          val('active').as('s'),
        ]),
    )
    .execute()
  await migrateDown(raw.database, 1)
  expect((await migrationStatus(raw.database)).map(one => one.applied !== null)).toEqual(
    migrations.map(one => one.number === 1),
  )
  await migrateUp(raw.database)
  expect(await raw.database.selectFrom('nodes').select(['hostname', 'status']).execute()).toEqual([
    { hostname: 'm1', status: 'active' },
  ])
})

it('go down with nodes that have an address of each family, and keep the first', async () => {
  await migrateUp(raw.database)
  await raw.database
    .insertInto('clusters')
    .values({ name: 'demo', type: 'managed', distribution: 'rke2', version: 'v1.34.1+rke2r1' })
    .execute()
  const add = (hostname: string, internal: string, external: string | null) =>
    sql`INSERT INTO nodes (cluster_id, position, hostname, internal_ip, external_ip, use_external_ip, role, status)
      SELECT id, 0, ${hostname}, ${internal}, ${external}, ${external !== null}, 'master', 'active' FROM clusters`.execute(
      raw.database,
    )
  await add('m1', '10.0.0.1,fd00::1', null)
  await add('m2', 'fd00::2,10.0.0.2', '2001:db8::2,192.0.2.2')
  const reached = async () =>
    (await raw.database.selectFrom('nodes').select(['ansible_ip']).orderBy('hostname').execute()).map(
      node => node.ansible_ip,
    )
  expect(await reached()).toEqual(['10.0.0.1', '2001:db8::2'])
  await expect(add('m3', '10.0.0.1,fd00::3', null)).rejects.toThrow(/nodes_address/)
  await migrateDown(raw.database, 4)
  expect(
    await raw.database.selectFrom('nodes').select(['internal_ip', 'external_ip']).orderBy('hostname').execute(),
  ).toEqual([
    { internal_ip: '10.0.0.1', external_ip: null },
    { internal_ip: 'fd00::2', external_ip: '2001:db8::2' },
  ])
  await migrateUp(raw.database)
  expect(await reached()).toEqual(['10.0.0.1', '2001:db8::2'])
})

it('go down without what belongs to another kind than clusters, and keep the rest', async () => {
  await migrateUp(raw.database)
  const save = async (subject: Subject): Promise<string> => {
    const { hash: _hash, has_changes: _changes, ...parts } = onePlan('demo')
    const plan = makePlan({ ...parts, subject })
    await savePlan(raw.database, plan, 'test')
    const columns = { subject_kind: subject.kind, subject_name: subject.name }
    await raw.database
      .insertInto('leases')
      .values({ ...columns, epoch: 1, number: 3 })
      .execute()
    await raw.database
      .insertInto('runs')
      .values({
        ...columns,
        id: subject.kind,
        title: plan.title,
        plan_hash: plan.hash,
        desired_version: 1,
        status: 'failed',
        approved_by: 'test',
        accepted: '[]',
      })
      .execute()
    return plan.hash
  }
  const hash = await save(clusterSubject('demo'))
  await save({ kind: 'machine', name: 'demo' })
  await migrateDown(raw.database, 7)
  const { rows: plans } = await sql`SELECT cluster, plan->>'cluster' AS inside FROM plans`.execute(raw.database)
  expect(plans).toEqual([{ cluster: 'demo', inside: 'demo' }])
  const { rows: runs } = await sql`SELECT id, cluster FROM runs`.execute(raw.database)
  expect(runs).toEqual([{ id: 'cluster', cluster: 'demo' }])
  const { rows: leases } = await sql`SELECT subject, number FROM leases`.execute(raw.database)
  expect(leases).toEqual([{ subject: 'demo', number: 3 }])
  await migrateUp(raw.database)
  expect(await findPlan(raw.database, hash)).toMatchObject({ subject: clusterSubject('demo') })
})

it('are applied once when several servers start at the same moment', async () => {
  const applied = await Promise.all([migrateUp(raw.database), migrateUp(raw.database), migrateUp(raw.database)])
  expect(applied.flat().toSorted((a, b) => a - b)).toEqual(migrations.map(one => one.number))
})

it('refuse a database that a newer version has written', async () => {
  await migrateUp(raw.database)
  await sql`INSERT INTO schema_migrations (number, name) VALUES (999, 'of tomorrow')`.execute(raw.database)
  await expect(migrateUp(raw.database)).rejects.toMatchObject({ code: 'database-newer' })
  await expect(migrationStatus(raw.database)).rejects.toMatchObject({ code: 'database-newer' })
})

it('give events that were there their places by time, and by number within a run whose clock was set back', async () => {
  await migrateUp(raw.database, 8)
  const events = [
    ['a', 1, '10:00'],
    ['a', 2, '10:05'],
    ['a', 3, '10:01'],
    ['b', 1, '10:02'],
    ['b', 2, '10:06'],
  ] as const
  await sql`INSERT INTO installation (id, epoch, identity) VALUES ('i', 1700000000000, 'here')`.execute(raw.database)
  await sql`INSERT INTO plans (hash, subject_kind, subject_name, desired_version, plan, created_by)
    VALUES ('h', 'cluster', 'demo', 1, '{}', 'test')`.execute(raw.database)
  for (const run of ['a', 'b'])
    await sql`INSERT INTO runs (id, subject_kind, subject_name, title, plan_hash, desired_version, status, approved_by)
      VALUES (${run}, 'cluster', 'demo', 't', 'h', 1, 'completed', 'test')`.execute(raw.database)
  for (const [run, seq, time] of events)
    await sql`INSERT INTO events (run, seq, at, type, message)
      VALUES (${run}, ${seq}, ${`2026-01-01T${time}:00Z`}, 'progress', 'm')`.execute(raw.database)
  await migrateUp(raw.database)
  const placed = () => raw.database.selectFrom('events').select(['run', 'seq', 'place']).orderBy('place').execute()
  const expected = [
    { run: 'a', seq: 1, place: 1 },
    { run: 'b', seq: 1, place: 2 },
    { run: 'a', seq: 2, place: 3 },
    { run: 'a', seq: 3, place: 4 },
    { run: 'b', seq: 2, place: 5 },
  ]
  expect(await placed()).toEqual(expected)
  await sql`INSERT INTO events (run, seq, type, message) VALUES ('a', 4, 'progress', 'm')`.execute(raw.database)
  expect((await placed()).at(-1)).toEqual({ run: 'a', seq: 4, place: 6 })
  expect((await readEventOrder(raw.database)).epochs).toEqual([{ epoch: 1700000000000, after: 0 }])
  await migrateDown(raw.database, 8)
  await migrateUp(raw.database)
  expect((await placed()).slice(0, 3)).toEqual(expected.slice(0, 3))
})
