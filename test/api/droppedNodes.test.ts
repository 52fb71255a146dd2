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

const document = (name: string, workers: readonly string[], net: number) => ({
  name: 'cluster.yaml',
  source: clusterText({ name, servers: [`${name}-m1`], workers, net }),
  files: {},
})
const apply = (name: string, workers: readonly string[], net: number, accept: readonly string[] = []) =>
  api.call('POST', `/api/v1/clusters/${name}/runs`, {
    body: { approve: null, accept, document: document(name, workers, net) },
  })
const listOf = async <Item extends z.ZodType>(path: string, item: Item) =>
  z.object({ items: z.array(item) }).parse((await api.call('GET', path)).json()).items
const nodes = (name: string) =>
  listOf(`/api/v1/clusters/${name}/nodes`, z.object({ hostname: z.string(), status: z.string() }))
const settled = (name: string, status: string) =>
  until(`the run is ${status}`, async () => {
    const [run] = await listOf(`/api/v1/clusters/${name}/runs`, z.object({ status: z.string() }))
    return run?.status === status
  })

it('a machine whose installation was never finished is taken off the record once that is accepted by name', async () => {
  await tell(api, 'east-w1', 'fail')
  expect(await apply('east', ['east-w1'], 1)).toMatchObject({ status: 200 })
  await settled('east', 'failed')
  expect(await nodes('east')).toMatchObject([{ status: 'active' }, { hostname: 'east-w1', status: 'failed' }])
  const refused = await apply('east', [], 1)
  expect(refused.status).toBe(412)
  expect(refused.json()).toMatchObject({
    findings: [{ name: 'unfinished-not-named', severity: 'warning', about: 'node east-w1' }],
  })
  expect(await nodes('east')).toHaveLength(2)
  expect(await apply('east', [], 1, ['unfinished-not-named'])).toMatchObject({ status: 200 })
  expect(await nodes('east')).toEqual([{ hostname: 'east-m1', status: 'active' }])
  await settled('east', 'completed')
  // Nothing is left to be accepted, and another machine may have its address.
  expect(await apply('east', [], 1)).toMatchObject({ status: 200 })
  expect(await apply('east', ['east-w2'], 1)).toMatchObject({ status: 200 })
})

it('a member cannot be dropped, whatever is accepted', async () => {
  expect(await apply('west', ['west-w1'], 2)).toMatchObject({ status: 200 })
  await settled('west', 'completed')
  const refused = await apply('west', [], 2, ['member-not-named', 'unfinished-not-named'])
  expect(refused.status).toBe(412)
  expect(refused.json()).toMatchObject({ findings: [{ name: 'member-not-named', about: 'node west-w1' }] })
  expect(await nodes('west')).toHaveLength(2)
})
