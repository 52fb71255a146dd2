import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { openSession } from '../../src/distributions/rke2/openSession.ts'
import { draftSource, storedSource } from '../../src/distributions/rke2/sources.ts'
import { createSealer } from '../../src/secrets/seal.ts'
import { clusterSecretPurpose, keepClusterSecret } from '../../src/store/clusters.ts'
import { openWorkbench } from '../hosts/workbench.ts'
import { createEmbedded } from './databases.ts'
import { clusterFileOf, node } from './fixtures.ts'
import { applyDesiredState } from './applyDesiredState.ts'

const nodes = [node('m1', '10.0.0.1', 'initial_master')]
const withFile = clusterFileOf('demo', nodes, { token_file: './token' })
const withoutFile = clusterFileOf('demo', nodes)
const sealer = createSealer(randomBytes(32))

async function aStore() {
  const database = await createEmbedded()
  const store = await database.open()
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store.close()
      await database.remove()
    },
  }
}

it('a token file that is changed after the cluster was put on record is noticed; none at all is not a change', async () => {
  await using opened = await aStore()
  const { store } = opened
  const draft = (file: typeof withFile, token: string) =>
    draftSource(store.database, sealer, file, { './token': token }, [])
  expect((await draft(withFile, 'first-token').tokens()).token_differs).toBe(false)
  await applyDesiredState(store.database, withFile, {})
  await store.transaction(tx => draft(withFile, 'first-token\n').keep(tx))
  const differs = async (file: typeof withFile, token: string) => (await draft(file, token).tokens()).token_differs
  expect(await differs(withFile, 'first-token')).toBe(false)
  expect(await differs(withFile, 'another-token')).toBe(true)
  expect(await differs(withoutFile, '')).toBe(false)
  expect((await draft(withFile, 'another-token').tokens()).token).toBe('first-token')
})

it.each([`K10${'0a'.repeat(32)}::server:first-token`, 'K10::server:first-token', ' first-token \n'])(
  'a token that was stored as the file had it is no other one: %j',
  async contents => {
    await using opened = await aStore()
    const { store } = opened
    await applyDesiredState(store.database, withFile, {})
    await keepClusterSecret(
      store.database,
      'demo',
      'token',
      sealer.seal(clusterSecretPurpose('demo', 'token'), contents),
    )
    const differs = async (token: string) =>
      (await draftSource(store.database, sealer, withFile, { './token': token }, []).tokens()).token_differs
    expect(await differs(contents)).toBe(false)
    expect(await differs('first-token')).toBe(false)
    expect(await differs('another-token')).toBe(true)
  },
)

it('a plan learns the token of the file and none that it has made up; a stored cluster’s session learns both', async () => {
  await using opened = await aStore()
  const { store } = opened
  const bench = await openWorkbench()
  const around = {
    connections: bench.connections,
    directory: bench.directory,
    installation: 'i',
    sealer,
    environment: {},
  }
  const learntBy = async (source: Parameters<typeof openSession>[1]) => {
    const learnt: string[] = []
    await openSession('demo', source, around, secret => void learnt.push(secret)).secrets()
    return learnt
  }
  const drafted = (file: typeof withFile, files: Record<string, string>) =>
    draftSource(store.database, sealer, file, files, [])
  expect(await learntBy(drafted(withoutFile, {}))).toEqual([])
  expect(await learntBy(drafted(withFile, { './token': 'given-token' }))).toEqual(['given-token'])
  await applyDesiredState(store.database, withFile, {})
  await store.transaction(tx => drafted(withFile, { './token': 'given-token' }).keep(tx))
  const stored = await learntBy(storedSource(store.database, sealer, 'demo', async () => ({})))
  expect(stored).toEqual(['given-token', expect.stringMatching(/^[0-9a-f]{48}$/)])
  expect(await bench.close()).toBe(0)
})

it('reads the files of a stored cluster once, however many hosts name one', async () => {
  await using opened = await aStore()
  const { store } = opened
  await applyDesiredState(store.database, withoutFile, {})
  let read = 0
  const source = storedSource(store.database, sealer, 'demo', async () => {
    read += 1
    return { './id': 'key', './sudo': 'password' }
  })
  const paths = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? './id' : './sudo'))
  expect(new Set(await Promise.all(paths.map(path => source.file(path))))).toEqual(new Set(['key', 'password']))
  expect(read).toBe(1)
})
