import { expect, it } from 'vitest'
import type { DomainChange } from '../../src/domain/changes.ts'
import { nodeStatuses } from '../../src/domain/lifecycle.ts'
import { clusterSubject } from '../../src/domain/subject.ts'
import type { PlannedOperation } from '../../src/contract/operations.ts'
import type { Plan } from '../../src/contract/plan.ts'
import { makePlan } from '../../src/engine/plan/plan.ts'
import { readAccessMark } from '../../src/store/accessMark.ts'
import { applyChanges } from '../../src/store/applyChanges.ts'
import { keepClusterSecret, listClusters, readCluster } from '../../src/store/clusters.ts'
import { newestCredentials, putCredential } from '../../src/store/credentials.ts'
import { listHostKeys, pinHostKey } from '../../src/store/hostKeys.ts'
import { listNodes } from '../../src/store/nodes.ts'
import { readRecordedCluster } from '../../src/store/recordedCluster.ts'
import { requireRunsOf } from '../../src/store/uninstalls.ts'
import { aCluster, emptyStoreForEach } from './fixtures.ts'

const store = emptyStoreForEach()
const write = (...changes: DomainChange[]) =>
  store().transaction(tx => applyChanges(tx, clusterSubject('demo'), changes, 'r/s/1'))
const statusOf = async (name: string) =>
  (await listNodes(store().database, 'demo', { removed: true })).find(({ hostname }) => hostname === name)?.status

it('a node is on its way out, and out, from every status', async () => {
  await aCluster(store())
  for (const status of nodeStatuses) {
    await store().database.updateTable('nodes').set({ status }).where('hostname', '=', 'w1').execute()
    await write({ type: 'node-leaves', hostname: 'w1', leaving: 'begun' })
    expect(await statusOf('w1')).toBe(status === 'pending' || status === 'removed' ? status : 'draining')
    await write({ type: 'node-leaves', hostname: 'w1', leaving: 'ended' })
    expect(await statusOf('w1')).toBe('removed')
  }
})

it('a cluster that is off the record leaves no secret of its own, and its addresses to others', async () => {
  await aCluster(store())
  await aCluster(store(), 'demo-2', 1)
  for (const name of ['demo', 'demo-2']) {
    await keepClusterSecret(store().database, name, 'token', 'sealed')
    await putCredential(store().database, { name: `${name}/ssh-key/id`, kind: 'ssh-key', sealed: 's', digest: 'd' })
    await pinHostKey(store().database, name, 'm1', 'ssh-ed25519 A')
  }
  const mark = await readAccessMark(store().database, 'demo')
  await write({ type: 'cluster-removed' })
  expect((await listClusters(store().database, { limit: 5 })).map(({ name }) => name)).toEqual(['demo-2'])
  expect(await newestCredentials(store().database, 'demo/')).toEqual([])
  expect(await newestCredentials(store().database, 'demo-2/')).toHaveLength(1)
  expect(await listHostKeys(store().database, 'demo')).toEqual([])
  expect(await listHostKeys(store().database, 'demo-2')).toHaveLength(1)
  await aCluster(store(), 'third', 0)
  await store().transaction(tx => applyChanges(tx, clusterSubject('third'), [{ type: 'cluster-removed' }], 'r/s/1'))
  // Whoever has the first one open must not take the second one for it, equal as they are.
  await aCluster(store())
  await pinHostKey(store().database, 'demo', 'm1', 'ssh-ed25519 A')
  await putCredential(store().database, { name: 'demo/ssh-key/id', kind: 'ssh-key', sealed: 's', digest: 'd' })
  expect(await readAccessMark(store().database, 'demo')).not.toBe(mark)
})

const forgetting: Plan['stages'][number] = {
  kind: 'none',
  key: 'forget',
  title: 'Forget it',
  needs: [],
  arguments: null,
  decision: {
    kind: 'run',
    reason: 'r',
    changes: [{ effect: 'delete', target: 'cluster/record', summary: 'forget it' }],
  },
  after: [],
  unmet: [],
}

const uninstall = { operation: 'uninstall', keep_snapshots: true, destroy_machines: false } as const

/** A run that was to uninstall it, and has come so far. */
async function uninstallRun(operation: PlannedOperation, status: string, begun: boolean): Promise<string> {
  const plan = makePlan({
    subject: clusterSubject('demo'),
    // Whatever it is called.
    title: 'A run',
    operation,
    desired_version: 1,
    stages: [{ ...forgetting, arguments: operation.operation }],
  })
  const run = await store().records.createRun(plan, { by: 'me', accepted: ['data-loss'] })
  await store().database.updateTable('runs').set({ status }).where('id', '=', run).execute()
  const attempt = { run, stage: 'forget', number: 1, worker: 'w', epoch: 1, fence: 1, status: 'cancelled' }
  if (begun) await store().database.insertInto('attempts').values(attempt).execute()
  return run
}

it('of a cluster that was uninstalled it is told by which run, and without which machine; its runs are there', async () => {
  await aCluster(store())
  const run = await uninstallRun(uninstall, 'completed', true)
  const result = { run, stage: 'forget', attempt: 1, outcome: 'skipped', message: 'left out', host: 'w1' }
  const theirs = { ...result, message: 'left out: left-alone, accepted: it belongs to cluster other', host: 'w2' }
  await store().database.insertInto('host_results').values([result, theirs]).execute()
  await write({ type: 'cluster-removed' })
  await expect(readCluster(store().database, 'demo')).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringMatching(
      new RegExp(`no cluster demo any more: run ${run} uninstalled it, .*without w1, w2$`),
    ),
    remedy: expect.stringMatching(new RegExp(`slipway runs demo ${run}\\. On w1 it has to be cleaned`)),
  })
  await expect(requireRunsOf(store().database, 'demo')).resolves.toBeUndefined()
  await expect(requireRunsOf(store().database, 'demo-2')).rejects.toMatchObject({
    code: 'not-found',
    message: 'there is no cluster demo-2',
  })
})

it('a cluster whose uninstall was begun and did not end is known as that, until it is applied', async () => {
  const uninstalling = async () => (await readRecordedCluster(store().database, 'demo'))?.uninstalling
  await aCluster(store(), 'demo', 0, 2)
  await uninstallRun(uninstall, 'cancelled', false)
  expect(await uninstalling()).toBe(null)
  const run = await uninstallRun(uninstall, 'failed', true)
  await write({ type: 'node-leaves', hostname: 'w2', leaving: 'ended' })
  await uninstallRun({ operation: 'uncordon', nodes: ['w1'] }, 'completed', true)
  expect(await uninstalling()).toEqual({
    run,
    wiped: ['w2'],
    keep_snapshots: true,
    destroy_machines: false,
    accepted: ['data-loss'],
  })
  await uninstallRun({ operation: 'apply', remove: null }, 'failed', true)
  expect(await uninstalling()).toBe(null)
})
