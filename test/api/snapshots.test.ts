import { afterAll, beforeAll, expect, it } from 'vitest'
import { clusterText } from '../cli/clusterText.ts'
import { until } from '../until.ts'
import { type Api, openApi, tell } from './server.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const snapshots = async () => (await api.call('GET', '/api/v1/clusters/demo/snapshots')).json()

it('are looked for on the servers that are installed, and one that is dead hides no other', async () => {
  expect(await api.call('GET', '/api/v1/clusters/demo/snapshots')).toMatchObject({ status: 404 })
  await tell(api, 'm1', 'fail')
  const body = (source: string) => ({ body: { document: { name: 'cluster.yaml', source, files: {} }, approve: null } })
  const source = clusterText({ servers: ['m1', 'm2', 'm3'] })
  const { run } = Object((await api.call('POST', '/api/v1/clusters/demo/runs', body(source))).json())
  const status = async () => Object((await api.call('GET', `/api/v1/runs/${run}`)).json()).status
  await until('the run has failed', async () => (await status()) === 'failed')
  // m1 was never installed: it is not asked, and neither is a worker.
  expect(await snapshots()).toMatchObject({
    newest: null,
    servers: [
      { hostname: 'm2', folder: '/var/lib/rancher/rke2/server/db/snapshots', folder_state: 'missing', newest: null },
      { hostname: 'm3', error: null },
    ],
    warnings: [{ name: 'no-snapshot', message: 'no snapshot of etcd has been taken on m2, m3' }],
  })
  await tell(api, 'm3', 'snapshot', 'etcd-snapshot-m3-1')
  await tell(api, 'm2', 'off')
  expect(await snapshots()).toMatchObject({
    newest: { hostname: 'm3', name: 'etcd-snapshot-m3-1', age_s: 3600 },
    servers: [
      { hostname: 'm2', folder_state: null, error: { code: 'host-unreachable', message: 'm2 is off' } },
      { hostname: 'm3', count: 1 },
    ],
    warnings: [{ name: 'host-unreachable', about: 'node m2' }],
  })
})

it('are looked for nowhere before any server is installed', async () => {
  await tell(api, 'n1', 'fail')
  const document = { name: 'cluster.yaml', source: clusterText({ name: 'new', net: 9, servers: ['n1'] }), files: {} }
  const sent = { body: { document, approve: null } }
  const { run } = Object((await api.call('POST', '/api/v1/clusters/new/runs', sent)).json())
  const status = async () => Object((await api.call('GET', `/api/v1/runs/${run}`)).json()).status
  await until('the run has failed', async () => (await status()) === 'failed')
  expect((await api.call('GET', '/api/v1/clusters/new/snapshots')).json()).toEqual({
    off: false,
    newest: null,
    servers: [],
    warnings: [],
  })
})
