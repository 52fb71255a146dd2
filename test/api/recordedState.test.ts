import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clusterText } from '../cli/clusterText.ts'
import type { Store } from '../../src/store/openStore.ts'
import { serverKind, type TestDatabase } from '../store/databases.ts'
import { until } from '../until.ts'
import { type Api, openApi } from './server.ts'

const kind = serverKind()
let database: TestDatabase
let store: Store
let api: Api
beforeAll(async () => {
  database = await kind.create()
  store = await database.open()
  api = await openApi({ location: database.location, key: randomBytes(32) })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await store.close()
  await database.remove()
})

const apply = (name: string, net: number, vars = '', accept: readonly string[] = []) => {
  const plain = clusterText({ name, net, servers: [`${name}-m1`], workers: [] })
  const source = vars === '' ? plain : plain.replace('  nodes:', `  cluster_vars: { ${vars} }\n  nodes:`)
  return api.call('POST', `/api/v1/clusters/${name}/runs`, {
    body: { approve: null, accept, document: { name: 'cluster.yaml', source, files: {} } },
  })
}
const settled = (name: string) =>
  until('the run is completed', async () =>
    (await api.call('GET', `/api/v1/clusters/${name}/runs`)).body.includes('"status":"completed"'),
  )
const record = (name: string, row: Readonly<Record<string, string | null>>) =>
  store.database.updateTable('clusters').set(row).where('name', '=', name).execute()

it('a range is chosen before the cluster is made, and kept from then on whatever is accepted', async () => {
  expect(await apply('made', 1)).toMatchObject({ status: 200 })
  await settled('made')
  await record('made', { bootstrap_state: 'done', bootstrap_machine_id: 'machine', bootstrap_ca_hash: 'hash' })
  const refused = await apply('made', 1, 'cluster-cidr: 10.44.0.0/16', ['fixed-setting-changed'])
  expect(refused.status).toBe(412)
  expect(refused.json()).toMatchObject({
    findings: [{ name: 'fixed-setting-changed', severity: 'error', about: 'spec.cluster_vars.cluster-cidr' }],
  })
  expect(await apply('made', 1, 'cluster-cidr: 10.42.0.0/16')).toMatchObject({ status: 200 })
  await record('made', { bootstrap_state: 'unused' })
  expect(await apply('made', 1, 'cluster-cidr: 10.44.0.0/16')).toMatchObject({ status: 200 })
})

it('ports that RKE2 listens on are given to services once that is accepted by name', async () => {
  const refused = await apply('ports', 2, 'service-node-port-range: 80-32767')
  expect(refused.status).toBe(412)
  expect(refused.json()).toMatchObject({ findings: [{ name: 'node-ports-taken', severity: 'warning' }] })
  expect(await apply('ports', 2, 'service-node-port-range: 80-32767', ['node-ports-taken'])).toMatchObject({
    status: 200,
  })
})

it('what is stored and refused by now is told, and replaced by the next file', async () => {
  expect(await apply('older', 3)).toMatchObject({ status: 200 })
  await settled('older')
  await record('older', { cluster_vars: JSON.stringify({ extra: { 'etcd-s3-secret-key': 'hunter2' } }) })
  const shown = await api.call('GET', '/api/v1/clusters/older')
  expect(shown.json()).toMatchObject({ code: 'stored-state-refused' })
  expect(shown.body).toContain('spec.cluster_vars.extra.etcd-s3-secret-key')
  expect(shown.body).not.toContain('hunter2')
  expect(await apply('older', 3)).toMatchObject({ status: 200 })
  expect(await api.call('GET', '/api/v1/clusters/older')).toMatchObject({ status: 200 })
})

it('what an earlier version stored and this one refuses is told by its place, and never shown', async () => {
  expect(await apply('old', 7)).toMatchObject({ status: 200 })
  await settled('old')
  const secret = 'hunter2-secret'
  await store.database
    .updateTable('nodes')
    .set({ node_vars: JSON.stringify({ extra: { 'vpn-auth': secret } }) })
    .where('hostname', '=', 'old-m1')
    .execute()
  for (const [path, place] of [
    ['/nodes', 'node old-m1.node_vars.extra.vpn-auth'],
    ['', 'spec.nodes.0.node_vars.extra.vpn-auth'],
    ['/inventory', 'spec.nodes.0.node_vars.extra.vpn-auth'],
  ]) {
    const answer = await api.call('GET', `/api/v1/clusters/old${path}`)
    expect(answer.body).toContain(place)
    expect(answer.body).toContain('stored-state-refused')
    expect(answer.body).not.toContain(secret)
  }
})
