import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { clusterStagesOf } from '../../src/server/clusterStages.ts'
import { rke2 } from '../../src/distributions/rke2/index.ts'
import { createSealer } from '../../src/secrets/seal.ts'
import { machineStatePurpose, putMachine } from '../../src/store/machines.ts'
import { nextMachineUid } from '../../src/store/machineUid.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { transaction } from '../../src/store/transaction.ts'
import { isMeant, type Leftover, type Provider } from '../../src/machines/contract.ts'
import { type Api, openApi } from '../api/server.ts'
import { serverKind, type TestDatabase } from '../store/databases.ts'
import { until } from '../until.ts'

/** What providers have and nobody knows: of machines on record, of those that are off it, and of somebody else. */

const yard = vi.hoisted(() => ({ has: [] as Leftover[], asked: [] as string[] }))
vi.mock('../../src/machines/providers.ts', () => {
  const provider: Provider<{ place: string }> = {
    name: 'yard',
    title: 'A yard',
    settings: z.strictObject({ place: z.string() }),
    takes: { memory: 'optional' },
    module: null,
    variables: () => ({}),
    async find({ place }, marks) {
      yard.asked.push(place)
      if (place === 'far') return { asked: false, reason: 'it is too far', remedy: 'Go there.' }
      return { asked: true, leftovers: yard.has.filter(({ uid }) => isMeant(marks, uid)) }
    },
    idOf: id => `pool/${id}`,
    async remove(_settings, { id }) {
      yard.has = yard.has.filter(one => one.id !== id)
    },
  }
  return { providers: [provider as Provider], providerFaults: [] }
})

const kind = serverKind()
let database: TestDatabase
let api: Api
let store: Store
const key = randomBytes(32)
const sealer = createSealer(key)
beforeAll(async () => {
  database = await kind.create()
  api = await openApi({ location: database.location, key }, clusterStagesOf([rke2]))
  store = await openStore(database.location)
})
afterAll(async () => {
  await store.close()
  await api[Symbol.asyncDispose]()
  await database.remove()
})

const call = async (method: string, path: string, body?: unknown) => {
  const answer = await api.call(method, `/api/v1${path}`, { body })
  return { status: answer.status, body: Object(answer.json()) }
}
const put = async (name: string, place: string, memory?: number) => {
  const uid = await nextMachineUid(store.database, sealer, name)
  const spec = { provider: 'yard', yard: { place }, ...(memory !== undefined && { memory }) }
  await transaction(store.database, tx => putMachine(tx, { name, uid, provider: 'yard', spec }))
  return uid
}
/** A state that manages one thing. */
const keepState = async (name: string, attributes: object) => {
  const resources = [{ mode: 'managed', type: 'shed', name: 'x', provider: 'p', instances: [{ attributes }] }]
  const text = JSON.stringify({
    version: 4,
    terraform_version: '1.6.0',
    serial: 1,
    lineage: 'x',
    outputs: {},
    resources,
  })
  const sealed = sealer.seal(machineStatePurpose(name), text)
  await store.database.insertInto('machine_states').values({ name, sealed, serial: 1, lineage: 'x' }).execute()
}
/** As a run of it leaves it behind. */
const lease = (name: string) =>
  store.database
    .insertInto('leases')
    .values({ subject_kind: 'machine', subject_name: name, epoch: 1, number: 3 })
    .execute()

it('is told with whose it is, once for each place that is asked', async () => {
  const [here] = [await put('here', 'near'), await put('bigger', 'near', 4096), await put('there', 'far')]
  const gone = await nextMachineUid(store.database, sealer, 'gone')
  await lease('gone')
  const unknown = `${here.slice(0, 6)}ffffffffff`
  await keepState('here', { id: '5' })
  const sealed = sealer.seal(machineStatePurpose('lost'), 'no JSON')
  await store.database.insertInto('machine_states').values({ name: 'lost', sealed, serial: 1, lineage: 'x' }).execute()
  yard.has = [
    { uid: here, what: 'shed 1', id: 'pool/1' },
    { uid: gone, what: 'shed 2', id: '2' },
    { uid: unknown, what: 'shed 3', id: '3' },
    { uid: 'ffffffffffffffff', what: 'shed of another installation', id: '4' },
    { uid: here, what: 'shed 5', id: 'pool/5' },
  ]
  const { body } = await call('GET', '/checks/machines')
  expect(body).toEqual({
    unattended: ['bigger', 'here', 'there'].map(machine => ({ machine, status: 'pending', run: null })),
    unanswered: [],
    states: [{ machine: 'lost', resources: null }],
    remains: [
      { provider: 'yard', uid: here, what: 'shed 1', machine: 'here', on_record: true },
      { provider: 'yard', uid: gone, what: 'shed 2', machine: 'gone', on_record: false },
      { provider: 'yard', uid: unknown, what: 'shed 3', machine: null, on_record: false },
    ],
    unasked: [{ provider: 'yard', reason: 'it is too far', remedy: 'Go there.' }],
    workspaces: [],
    backend_unasked: null,
  })
  expect(yard.asked.toSorted()).toEqual(['far', 'near'])
})

it('of a machine that is off the record can be destroyed as any machine, and nothing else goes', async () => {
  expect(await call('POST', '/machines/here/remains', {})).toMatchObject({ status: 409 })
  expect(await call('POST', '/machines/nobody/remains', {})).toMatchObject({ status: 404 })
  const adopted = await call('POST', '/machines/gone/remains', {})
  expect(adopted.body).toMatchObject({ name: 'gone', status: 'failed', last_error: expect.stringContaining('shed 2') })
  const { body } = await call('POST', '/machines/gone/runs', { operation: 'destroy', approve: null })
  expect(body.plan.stages[0].decision.changes.map(({ summary }: { summary: string }) => summary)).toEqual([
    'take away shed 2, which an interrupted run has left',
    'take it off the record; the host stays as it is',
  ])
  await until('it is destroyed', async () => (await call('GET', `/runs/${body.run}`)).body.status === 'completed')
  expect(yard.has.map(({ what }) => what)).toEqual(['shed 1', 'shed 3', 'shed of another installation', 'shed 5'])
  expect(await call('GET', '/machines/gone')).toMatchObject({ status: 404 })
})
