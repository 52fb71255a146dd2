import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TestDatabase } from '../store/databases.ts'
import { databaseOfSchema6 } from '../store/schema6/restored.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { expectRightEnds, removeRuns, workAt } from './killHarness.ts'

it('a run that the version before has left unfinished is taken up where it stood, and ends', async () => {
  const world = temporaryFolder('world')
  const done = ['first.0', 'first.1', 'beside.0', 'beside.1']
  mkdirSync(join(world, 'c0'))
  for (const step of done) writeFileSync(join(world, 'c0', step), '')
  writeFileSync(join(world, 'c0', 'begun'), 'first 1\nbeside 1\nleft 1\nright 1\n')
  const database = await databaseOfSchema6('run', { world })
  const runs = { ids: ['2d34995bjq'], world, database }
  const earlier = await newestEvent(database, '2d34995bjq')
  expect(await workAt(runs, {})).toBe(false)
  await expectRightEnds(runs, earlier)
  await removeRuns(runs)
  await database.remove()
})

async function newestEvent(database: TestDatabase, run: string): Promise<number> {
  const store = await database.open()
  const { seq } = await store.records.readRun(run)
  await store.close()
  return seq
}

it('a cluster that the version before has installed is on record as it was', async () => {
  const database = await databaseOfSchema6('cluster')
  const store = await database.open()
  const [cluster] = await store.database.selectFrom('clusters').selectAll().execute()
  expect(cluster).toMatchObject({ name: 'bench', installation_stage: 'completed', bootstrap_state: 'done' })
  const nodes = await store.database.selectFrom('nodes').select(['hostname', 'role', 'status']).orderBy('id').execute()
  expect(nodes).toEqual([
    { hostname: 'm1', role: 'initial_master', status: 'active' },
    { hostname: 'w1', role: 'worker', status: 'active' },
  ])
  const events = []
  for await (const event of store.records.follow('thhtpt3nsg', 0, AbortSignal.timeout(10_000))) events.push(event)
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.at(-1)?.type).toBe('run-completed')
  await store.close()
  await database.remove()
})
