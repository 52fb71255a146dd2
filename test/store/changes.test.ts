import { describe, expect, it } from 'vitest'
import type { DomainChange } from '../../src/domain/changes.ts'
import { clusterSubject } from '../../src/domain/subject.ts'
import { nodeStatuses, nodeTransitions } from '../../src/domain/lifecycle.ts'
import { applyChanges } from '../../src/store/applyChanges.ts'
import { listClusters, readCluster, readClusterSecret, keepClusterSecret } from '../../src/store/clusters.ts'
import { readEtcdMembers } from '../../src/store/etcdMembers.ts'
import { listNodes } from '../../src/store/nodes.ts'
import { aCluster, emptyStoreForEach } from './fixtures.ts'

const store = emptyStoreForEach()
const write = (...changes: DomainChange[]) =>
  store().transaction(tx => applyChanges(tx, clusterSubject('demo'), changes, 'r/s/1'))
const claim = (machine_id: string) => write({ type: 'bootstrap-claim', machine_id })
const w1 = async () => (await listNodes(store().database, 'demo', { removed: true })).find(one => one.hostname === 'w1')

it('lets a node go exactly where the lifecycle table leads, from every status, and nowhere else', async () => {
  await aCluster(store())
  const events = [...new Set(nodeTransitions.map(row => row.event))]
  for (const status of nodeStatuses)
    for (const event of events) {
      await store().database.updateTable('nodes').set({ status }).where('hostname', '=', 'w1').execute()
      const allowed = nodeTransitions.find(row => row.from === status && row.event === event)
      const reached = nodeTransitions.some(row => row.event === event && row.to === status)
      const written = write({ type: 'node', hostname: 'w1', event })
      if (allowed || reached) {
        await written
        expect((await w1())?.status, `${status} ${event}`).toBe(allowed?.to ?? status)
      } else {
        await expect(written, `${status} ${event}`).rejects.toMatchObject({ code: 'run-state' })
        expect((await w1())?.status).toBe(status)
      }
    }
})

it('keeps the error of a failed node until it is installed again', async () => {
  await aCluster(store())
  await write({ type: 'node', hostname: 'w1', event: 'install' })
  await write({ type: 'node', hostname: 'w1', event: 'fail', error: 'disk full' })
  expect(await w1()).toMatchObject({ status: 'failed', last_error: 'disk full' })
  await write({ type: 'node', hostname: 'w1', event: 'install' })
  await write({ type: 'node', hostname: 'w1', event: 'ready', installed_version: 'v1.34.1+rke2r1' })
  expect(await w1()).toMatchObject({ status: 'active', last_error: null, installed_version: 'v1.34.1+rke2r1' })
})

it('a member of etcd is named once: neither another name, nor that of another one, also of a node that was removed', async () => {
  await aCluster(store())
  const name = (hostname: string, as: string) => write({ type: 'etcd-member', hostname, name: as })
  await name('m1', 'etcd1')
  await name('m1', 'etcd1')
  await expect(name('m1', 'etcd2')).rejects.toMatchObject({ code: 'cluster-conflict' })
  await write({ type: 'node', hostname: 'm1', event: 'remove' })
  await expect(name('w1', 'etcd1')).rejects.toThrow(/unique|nodes_etcd_member/)
  expect([...(await readEtcdMembers(store().database, 'demo'))]).toEqual([['m1', 'etcd1']])
  expect((await readEtcdMembers(store().database, 'other')).size).toBe(0)
})

it('keeps since when a node is behind, and why it is now, until it is ready or seen to work', async () => {
  await aCluster(store())
  const works: DomainChange = { type: 'node-works', hostname: 'w1', installed_version: 'v1.34.1+rke2r1' }
  await write(works, { type: 'node-behind', hostname: 'w1', reason: 'it was off' })
  const first = (await w1())?.behind
  expect(first).toMatchObject({ reason: 'it was off' })
  await write({ type: 'node-behind', hostname: 'w1', reason: 'it refuses the login' })
  expect((await w1())?.behind).toEqual({ since: first?.since, reason: 'it refuses the login' })
  expect((await w1())?.status).toBe('active')
  await write({ type: 'node', hostname: 'w1', event: 'install' })
  expect((await w1())?.behind).not.toBe(null)
  await write({ type: 'node', hostname: 'w1', event: 'ready', installed_version: 'v1.34.1+rke2r1' })
  expect((await w1())?.behind).toBe(null)
  await write({ type: 'node-behind', hostname: 'w1', reason: 'it was off' }, works)
  expect((await w1())?.behind).toBe(null)
})

it('counts a node that is behind once, as that, and the others by their status', async () => {
  await aCluster(store())
  const [before] = await listClusters(store().database, { limit: 5 })
  const { pending = 0 } = before?.node_counts ?? {}
  expect(pending).toBeGreaterThan(1)
  const works: DomainChange = { type: 'node-works', hostname: 'w1', installed_version: 'v1.34.1+rke2r1' }
  await write(works, { type: 'node-behind', hostname: 'w1', reason: 'it was off' })
  const [cluster] = await listClusters(store().database, { limit: 5 })
  expect(cluster).toMatchObject({ node_counts: { behind: 1, pending: pending - 1 }, behind: ['w1'] })
  expect(Object.keys(cluster?.node_counts ?? {})).toHaveLength(2)
})

it('refuses a node that the cluster does not have, and writes nothing of what came before', async () => {
  await aCluster(store())
  const written = write(
    { type: 'node', hostname: 'w1', event: 'install' },
    { type: 'node', hostname: 'w10', event: 'install' },
  )
  await expect(written).rejects.toMatchObject({ code: 'not-found' })
  expect((await w1())?.status).toBe('pending')
})

it('writes installation stage and sealed secrets', async () => {
  await aCluster(store())
  await write(
    { type: 'installation-stage', stage: 'joining_masters' },
    { type: 'cluster-secret', name: 'kubeconfig', value: 'sealed' },
  )
  expect(await readCluster(store().database, 'demo')).toMatchObject({ installation_stage: 'joining_masters' })
  expect(await readClusterSecret(store().database, 'demo', 'kubeconfig')).toBe('sealed')
})

it('keeps the first of two generated tokens', async () => {
  await aCluster(store())
  const kept = await Promise.all([
    keepClusterSecret(store().database, 'demo', 'token', 'one'),
    keepClusterSecret(store().database, 'demo', 'token', 'two'),
  ])
  expect(new Set(kept).size).toBe(1)
})

describe('the right to bootstrap', () => {
  it('is claimed by one machine, which may go on, and by no other', async () => {
    await aCluster(store())
    await claim('machine-1')
    await claim('machine-1')
    await expect(claim('machine-2')).rejects.toMatchObject({
      code: 'bootstrap-spent',
      message: expect.stringContaining('machine-1'),
    })
    const { bootstrap } = await readCluster(store().database, 'demo')
    expect(bootstrap).toMatchObject({ state: 'claimed', machine_id: 'machine-1', attempt: 'r/s/1' })
  })

  it('goes to one of two machines that claim it at the same moment', async () => {
    await aCluster(store())
    const both = await Promise.allSettled([claim('machine-1'), claim('machine-2')])
    expect(both.map(one => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('is spent when the bootstrap is done, also for the machine that did it', async () => {
    await aCluster(store())
    await expect(write({ type: 'bootstrap-done', ca_hash: 'aa', etcd_cluster: 'e1' })).rejects.toMatchObject({
      code: 'bootstrap-spent',
    })
    await claim('machine-1')
    await write({ type: 'bootstrap-joiner-started' })
    await write({ type: 'bootstrap-done', ca_hash: 'aa', etcd_cluster: 'e1' })
    await write({ type: 'bootstrap-done', ca_hash: 'aa', etcd_cluster: 'e1' })
    await expect(write({ type: 'bootstrap-done', ca_hash: 'bb', etcd_cluster: 'e1' })).rejects.toMatchObject({
      code: 'bootstrap-spent',
    })
    await expect(claim('machine-1')).rejects.toMatchObject({ code: 'bootstrap-spent' })
    const { bootstrap } = await readCluster(store().database, 'demo')
    expect(bootstrap).toMatchObject({ state: 'done', ca_hash: 'aa', joiner_started: true, etcd_cluster: 'e1' })
  })
})
