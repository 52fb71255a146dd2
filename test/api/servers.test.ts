import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clusterText } from '../cli/clusterText.ts'
import { until } from '../until.ts'
import { serverKind, type TestDatabase } from '../store/databases.ts'
import { type Api, openApi, tell } from './server.ts'

/** Two servers on one PostgreSQL, each with a worker. Their machines are the folders of the second. */
const kind = serverKind()
let database: TestDatabase
let one: Api
let two: Api
beforeAll(async () => {
  database = await kind.create()
  const shared = { location: database.location, key: randomBytes(32) }
  one = await openApi(shared)
  two = await openApi(shared)
})
afterAll(async () => {
  await Promise.all([one, two].map(api => api[Symbol.asyncDispose]()))
  await database.remove()
})

const start = (api: Api, name: string, source: string) =>
  api.call('POST', `/api/v1/clusters/${name}/runs`, {
    body: { approve: null, document: { name: 'cluster.yaml', source, files: {} } },
  })
const read = async (api: Api, path: string) => Object((await api.call('GET', `/api/v1/${path}`)).json())
const isCancelled = (run: string) =>
  until('the run is cancelled', async () => (await read(one, `runs/${run}`)).status === 'cancelled')

it('of two starts at the same moment one has the run, and the other is told of it and stores nothing', async () => {
  for (let round = 0; round < 8; round++) {
    const name = `both-${round}`
    const versions = ['v1.34.1+rke2r1', 'v1.34.2+rke2r1']
    const hostname = `m-${round}`
    await tell(two, hostname, 'hold')
    const answers = await Promise.all(
      [one, two].map((api, index) =>
        start(
          api,
          name,
          clusterText({ name, net: round, servers: [hostname], workers: [], version: versions[index] ?? '' }),
        ),
      ),
    )
    expect(answers.map(answer => answer.status).toSorted(), answers.map(answer => answer.body).join('\n')).toEqual([
      200, 409,
    ])
    const winner = answers.findIndex(answer => answer.status === 200)
    const { run } = Object(answers[winner]?.json())
    expect(answers[1 - winner]?.json()).toMatchObject({ code: 'lease-held', facts: { run } })
    expect(await read(one, `clusters/${name}`)).toMatchObject({ desired_version: 1, version: versions[winner] })
    expect(await two.call('POST', `/api/v1/runs/${run}/cancel`)).toMatchObject({ status: 200 })
    await isCancelled(run)
  }
})

it('a run is followed, cancelled and resumed over the server that does not execute it', async () => {
  await tell(two, 'held', 'hold')
  const source = clusterText({ name: 'across', net: 20, servers: ['held'], workers: [] })
  const { run } = Object((await start(one, 'across', source)).json())
  await until('it is under way', async () => (await read(two, `runs/${run}`)).status === 'running')
  for (const api of [one, two]) {
    expect(await api.call('POST', `/api/v1/runs/${run}/cancel`)).toMatchObject({ status: 200 })
    await isCancelled(run)
    expect(await api.call('POST', `/api/v1/runs/${run}/resume`, { body: {} })).toMatchObject({ status: 200 })
  }
  await two.call('POST', `/api/v1/runs/${run}/cancel`)
  await isCancelled(run)
  const events = await Promise.all([one, two].map(api => api.call('GET', `/api/v1/runs/${run}/events`)))
  const numbers = events.map(({ body }) => [...body.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id))
  expect(numbers[0]?.length).toBeGreaterThan(5)
  expect(numbers[0]).toEqual(numbers[1])
})
