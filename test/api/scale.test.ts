import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { clusterText } from '../cli/clusterText.ts'
import { until } from '../until.ts'
import { type Api, openApi, tell } from './server.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const post = (path: string, body: object) => api.call('POST', `/api/v1${path}`, { body })
const document = (workers: readonly string[]) => ({ name: 'c.yaml', source: clusterText({ workers }), files: {} })
const w4 = { hostname: 'w4', internal_ip: '10.0.0.24', role: 'worker' }
const planned = z.object({ hash: z.string(), has_changes: z.boolean(), kept: z.array(z.string()) })
const plan = async (path: string, body: object) => {
  const answer = await post(path, body)
  expect(answer.status, answer.body).toBe(200)
  return planned.parse(answer.json())
}
const scale = async () =>
  z
    .looseObject({ run: z.looseObject({ id: z.string() }).nullable() })
    .parse((await api.call('GET', '/api/v1/clusters/demo/scale')).json())
const settled = () => until('the run has ended', async () => (await runs())[0]?.status === 'completed')
const runs = async () =>
  z
    .object({ items: z.array(z.object({ status: z.string() })) })
    .parse((await api.call('GET', '/api/v1/clusters/demo/runs')).json()).items

it('the routes of scaling plan what POST /plans plans, and the scale tells who is on the way', async () => {
  expect((await post('/clusters/demo/runs', { approve: null, document: document(['w1']) })).status).toBe(200)
  await settled()
  expect(await scale()).toMatchObject({
    nodes: { initial_master: { active: 1 }, master: {}, worker: { active: 1 } },
    servers: { on_record: 1, active: 1, needed: 1, may_fail: 0 },
    joining: [],
    leaving: [],
    run: null,
  })
  const operation = { operation: 'scale-add', nodes: [w4] }
  const added = await plan('/clusters/demo/scale/add', { nodes: [w4] })
  expect(added).toEqual(await plan('/plans', { cluster: 'demo', operation }))
  await tell(api, 'w4', 'hold')
  expect((await post('/clusters/demo/runs', { approve: added.hash, operation })).status).toBe(200)
  await until('w4 is at work', async () => (await runs())[0]?.status === 'running')
  expect(await scale()).toMatchObject({ joining: ['w4'], run: { title: 'Apply demo' } })
  await rm(join(api.world, 'w4', 'hold'))
  await settled()
  expect(await scale()).toMatchObject({ nodes: { worker: { active: 2 } }, joining: [], run: null })
  expect(await plan('/plans', { document: document(['w1']) })).toMatchObject({ has_changes: false, kept: ['w4'] })
  const removed = await plan('/clusters/demo/scale/remove', { nodes: ['w4'] })
  expect(removed).toEqual(
    await plan('/plans', { cluster: 'demo', operation: { operation: 'scale-remove', nodes: ['w4'] } }),
  )
  expect(removed).toEqual(
    await plan('/plans', { document: document(['w1']), operation: { operation: 'apply', remove: { nodes: ['w4'] } } }),
  )
})

it.each([
  [
    'a node without an address',
    { nodes: [{ hostname: 'w5', role: 'worker' }] },
    422,
    'missing-key',
    'nodes[0].internal_ip',
  ],
  ['a node that is there otherwise', { nodes: [{ ...w4, internal_ip: '10.0.0.99' }] }, 422, 'node-differs', 'node w4'],
  [
    'a key file that is not sent',
    { nodes: [{ ...w4, hostname: 'w5', internal_ip: '10.0.0.25', ssh: { key_file: 'id' } }] },
    422,
    'key-file-missing',
    'nodes[0].ssh.key_file',
  ],
  [
    'a second first server',
    { nodes: [{ ...w4, hostname: 'm2', internal_ip: '10.0.0.25', role: 'initial_master' }] },
    422,
    'two-initial-masters',
    'node m2',
  ],
  [
    'one node twice',
    { nodes: [w4, w4].map(node => ({ ...node, hostname: 'w5', internal_ip: '10.0.0.25' })) },
    422,
    'duplicate-hostname',
    'node w5',
  ],
])('%s is refused, with what is wrong', async (_what, body, status, name, about) => {
  const answer = await post('/clusters/demo/scale/add', body)
  expect([answer.status, answer.json()]).toMatchObject([
    status,
    { findings: expect.arrayContaining([expect.objectContaining({ name, about })]) },
  ])
})

it.each([
  ['/clusters/nobody/scale/add', { nodes: [w4] }, 404],
  ['/clusters/demo/scale/add', { nodes: [] }, 400],
  ['/clusters/demo/scale/add', { nodes: [w4], operation: 'apply' }, 400],
  ['/clusters/demo/scale/remove', { nodes: [] }, 400],
  ['/plans', { cluster: 'demo', operation: { operation: 'apply', remove: { nodes: [] } } }, 400],
])('%s with %j is answered with %d', async (path, body, status) => {
  expect((await post(path, body)).status).toBe(status)
})
