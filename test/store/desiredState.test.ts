import { afterEach, beforeEach, expect, it } from 'vitest'
import { applyDesiredState } from '../../src/store/desiredState.ts'
import { readCluster, readDesiredState } from '../../src/store/clusters.ts'
import { listNodes } from '../../src/store/nodes.ts'
import type { ClusterFile, NodeSpec } from '../../src/domain/cluster.ts'
import type { Store } from '../../src/store/openStore.ts'
import { overBothDatabases, type TestDatabase } from './databases.ts'

const node = (hostname: string, internal_ip: string, role: NodeSpec['role'] = 'worker'): NodeSpec => ({
  hostname,
  internal_ip,
  role,
})
const file = (name: string, nodes: NodeSpec[]): ClusterFile => ({
  apiVersion: 'slipway/v1',
  kind: 'Cluster',
  metadata: { name },
  spec: { distribution: 'rke2', version: 'v1.34.1+rke2r1', nodes },
})

overBothDatabases(kind => {
  let database: TestDatabase
  let store: Store
  beforeEach(async () => {
    database = await kind.create()
    store = await database.open()
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  it('gives back the desired state that was applied, and grows the version only when something changed', async () => {
    const demo = file('demo', [node('m1', '10.0.0.1', 'initial_master'), node('w1', '10.0.0.2')])
    expect(await applyDesiredState(store.database, demo)).toEqual({ desired_version: 1, changed: true })
    expect(await applyDesiredState(store.database, demo)).toEqual({ desired_version: 1, changed: false })
    expect(await readDesiredState(store.database, 'demo')).toEqual(demo)
    expect((await readCluster(store.database, 'demo')).bootstrap.state).toBe('unused')
    expect((await listNodes(store.database, 'demo')).map(one => [one.hostname, one.status])).toEqual([
      ['m1', 'pending'],
      ['w1', 'pending'],
    ])
  })
})
