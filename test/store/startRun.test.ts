import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ClusterFile } from '../../src/domain/cluster.ts'
import { readCluster, readDesiredState } from '../../src/store/clusters.ts'
import { listHostKeys, pinHostKey } from '../../src/store/hostKeys.ts'
import { listNodes } from '../../src/store/nodes.ts'
import type { Store } from '../../src/store/openStore.ts'
import { listRuns } from '../../src/store/runs.ts'
import { startRun } from '../../src/store/startRun.ts'
import { serverKind, type TestDatabase } from './databases.ts'
import { clusterFileOf, node } from './fixtures.ts'
import { onePlan } from './onePlan.ts'

const approval = { by: 'test', accepted: [] }
const fileOf = (name: string, address: string): ClusterFile =>
  clusterFileOf(name, [node('m1', address, 'initial_master')])

const kind = serverKind()
let database: TestDatabase
/** Those of two servers. */
let stores: readonly [Store, Store]
beforeEach(async () => {
  database = await kind.create()
  stores = [await database.open(), await database.open()]
})
afterEach(async () => {
  for (const store of stores) await store.close()
  await database.remove()
})
const start = (store: Store, address: string, rest: Partial<Parameters<typeof startRun>[1]> = {}, name = 'demo') =>
  startRun(store.database, {
    desired: fileOf(name, address),
    written: null,
    storedVersion: 0,
    plan: onePlan(name),
    approval,
    keep: async tx => void (await pinHostKey(tx, name, 'm1', address)),
    ...rest,
  })

it('of many starts of one cluster at the same moment one has its run, and only what that one brought is stored', async () => {
  const starts = await Promise.allSettled(
    Array.from({ length: 12 }, (_, index) => start(index % 2 === 0 ? stores[0] : stores[1], `10.0.0.${index + 1}`)),
  )
  const [store] = stores
  const winner = starts.findIndex(one => one.status === 'fulfilled')
  const [run] = await listRuns(store.database, { limit: 2 })
  expect(starts[winner]).toMatchObject({ value: run?.id })
  for (const one of starts.toSpliced(winner, 1))
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'lease-held', facts: { run: run?.id } } })
  const address = `10.0.0.${winner + 1}`
  expect((await readDesiredState(store.database, 'demo')).spec.nodes[0]?.internal_ip).toBe(address)
  expect((await listHostKeys(store.database, 'demo')).map(key => key.key_lines)).toEqual([address])
  expect(await listRuns(store.database, { limit: 20 })).toHaveLength(1)
})

it('a start that fails in its middle leaves nothing behind', async () => {
  const [store] = stores
  const keep = () => Promise.reject(new Error('the disk is full'))
  await expect(start(store, '10.0.0.1', { keep })).rejects.toThrow('the disk is full')
  await expect(readCluster(store.database, 'demo')).rejects.toMatchObject({ code: 'not-found' })
  expect(await listRuns(store.database, { limit: 1 })).toEqual([])
  expect(await start(store, '10.0.0.1')).toMatch(/^[a-z0-9]{10}$/)
})

it('a plan without changes stores what it is to store, also while a run is under way', async () => {
  const [store] = stores
  await start(store, '10.0.0.1')
  const nothing = { storedVersion: 1, plan: onePlan('demo', 2, []) }
  expect(await start(store, '10.0.0.2', nothing)).toBeNull()
  expect((await readCluster(store.database, 'demo')).desired_version).toBe(2)
  await expect(start(store, '10.0.0.3', nothing)).rejects.toMatchObject({ code: 'plan-changed' })
})

it('a machine that is being set up cannot be dropped while the run is under way', async () => {
  const [store] = stores
  const both = clusterFileOf('demo', [node('m1', '10.0.0.1', 'initial_master'), node('w1', '10.0.0.2')])
  await start(store, '10.0.0.1', { desired: both })
  await store.database.updateTable('nodes').set({ status: 'installing' }).where('hostname', '=', 'w1').execute()
  const drop = () => start(store, '10.0.0.1', { storedVersion: 1, plan: onePlan('demo', 2, []) })
  await expect(drop()).rejects.toMatchObject({ code: 'lease-held' })
  await store.database.updateTable('runs').set({ status: 'failed' }).execute()
  expect(await drop()).toBeNull()
  expect((await listNodes(store.database, 'demo')).map(one => one.hostname)).toEqual(['m1'])
})

it('two clusters that take one address at the same moment: one has it, the other is told who', async () => {
  // Both have written before one of them ends.
  const written = Promise.withResolvers<void>()
  let count = 0
  const keep = async () => {
    if (++count === 2) written.resolve()
    await written.promise
  }
  const both = await Promise.allSettled([
    start(stores[0], '10.0.0.1', { keep }, 'east'),
    start(stores[1], '10.0.0.1', { keep }, 'west'),
  ])
  const [winner, loser] = both[0].status === 'fulfilled' ? ['east', 'west'] : ['west', 'east']
  expect(both.map(one => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(both.find(one => one.status === 'rejected')?.reason).toMatchObject({
    code: 'cluster-conflict',
    message: `cluster ${loser}: 10.0.0.1 is the address of node m1 in cluster ${winner}`,
  })
  expect(await listRuns(stores[0].database, { limit: 3 })).toHaveLength(1)
})
