import { randomBytes } from 'node:crypto'
import { afterAll, expect, it } from 'vitest'
import { keepLearnt } from '../../src/clusters/learnt.ts'
import { openSession, type SessionSource } from '../../src/clusters/openSession.ts'
import { storedSessions } from '../../src/clusters/sessions.ts'
import { draftSource, storedSource } from '../../src/clusters/sources.ts'
import { createDistributions } from '../../src/distributions/distributions.ts'
import { rke2 } from '../../src/distributions/rke2/index.ts'
import { readSecrets, rke2Session } from '../../src/distributions/rke2/session.ts'
import { createSealer } from '../../src/secrets/seal.ts'
import { clusterSecretPurpose, keepClusterSecret } from '../../src/store/clusters.ts'
import { keepFiles } from '../../src/store/storedFiles.ts'
import { openWorkbench } from '../hosts/workbench.ts'
import { createEmbedded } from './databases.ts'
import { clusterFileOf, node } from './fixtures.ts'
import { applyDesiredState } from './applyDesiredState.ts'

const nodes = [node('m1', '10.0.0.1', 'initial_master')]
const withFile = clusterFileOf('demo', nodes, { token_file: './token' })
const withoutFile = clusterFileOf('demo', nodes)
const sealer = createSealer(randomBytes(32))
const { keyFilesOf } = createDistributions([rke2])
const around = { sealer, keyFilesOf, kubeconfigReader: () => null }

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

const bench = await openWorkbench()
afterAll(async () => {
  expect(await bench.close()).toBe(0)
})

/** What a session over this source tells a stage of its secrets, and what it has learnt for the logs by that. */
async function secretsOf(source: SessionSource) {
  const learnt: string[] = []
  const session = openSession('demo', source, {
    connections: bench.connections,
    directory: bench.directory,
    installation: 'i',
    sealer,
    environment: {},
    keyFilesOf,
    kubeconfigReader: () => null,
    learn: secret => void learnt.push(secret),
  })
  return { ...(await readSecrets(session)), learnt: [...new Set(learnt)] }
}

it('a token file that is changed after the cluster was put on record is noticed; none at all is not a change', async () => {
  await using opened = await aStore()
  const { store } = opened
  const draft = (file: typeof withFile, token: string) =>
    draftSource(store.database, around, file, { './token': token }, [])
  const first = draft(withFile, 'first-token\n')
  expect((await secretsOf(first)).token_differs).toBe(false)
  await applyDesiredState(store.database, withFile, {})
  const learnt = await first.learnt()
  await store.transaction(tx => keepLearnt(tx, sealer, 'demo', learnt))
  const differs = async (file: typeof withFile, token: string) => (await secretsOf(draft(file, token))).token_differs
  expect(await differs(withFile, 'first-token')).toBe(false)
  expect(await differs(withFile, 'another-token')).toBe(true)
  expect(await differs(withoutFile, '')).toBe(false)
  expect((await secretsOf(draft(withFile, 'another-token'))).token).toBe('first-token')
})

it.each([`K10${'0a'.repeat(32)}::server:first-token`, 'K10::server:first-token', ' first-token \n'])(
  'a token that was stored as the file had it is no other one: %j',
  async contents => {
    await using opened = await aStore()
    const { store } = opened
    await applyDesiredState(store.database, withFile, {})
    const sealed = sealer.seal(clusterSecretPurpose('demo', 'token'), contents)
    await keepClusterSecret(store.database, 'demo', 'token', sealed)
    const differs = async (token: string) =>
      (await secretsOf(draftSource(store.database, around, withFile, { './token': token }, []))).token_differs
    expect(await differs(contents)).toBe(false)
    expect(await differs('first-token')).toBe(false)
    expect(await differs('another-token')).toBe(true)
  },
)

it('a plan learns the token of the file and none that it has made up; a stored cluster’s session learns both', async () => {
  await using opened = await aStore()
  const { store } = opened
  const drafted = (file: typeof withFile, files: Record<string, string>) =>
    draftSource(store.database, around, file, files, [])
  expect((await secretsOf(drafted(withoutFile, {}))).learnt).toEqual([])
  const given = drafted(withFile, { './token': 'given-token' })
  const planned = await secretsOf(given)
  expect(planned.learnt).toEqual(['given-token'])
  await applyDesiredState(store.database, withFile, {})
  const learnt = await given.learnt()
  await store.transaction(tx => keepLearnt(tx, sealer, 'demo', learnt))
  // The file itself is not stored here: what holds is the token on record.
  const stored = await secretsOf(storedSource(store.database, around, 'demo'))
  expect(stored.learnt.toSorted()).toEqual(['given-token', planned.agent_token].toSorted())
  expect(stored).toMatchObject({ token: 'given-token', agent_token: planned.agent_token, token_differs: false })
})

it('reads the files of a stored cluster once, however many hosts name one', async () => {
  await using opened = await aStore()
  const { store } = opened
  const named = clusterFileOf('demo', nodes, { ssh: { key_file: './id', sudo_password_file: './sudo' } })
  await applyDesiredState(store.database, named, {})
  await keepFiles(store.database, sealer, 'demo', keyFilesOf(named.spec), { './id': 'key', './sudo': 'password' })
  let read = 0
  const counting = { ...sealer, open: (purpose: string, sealed: string) => (read++, sealer.open(purpose, sealed)) }
  const source = storedSource(store.database, { sealer: counting, keyFilesOf }, 'demo')
  const paths = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? './id' : './sudo'))
  expect(new Set(await Promise.all(paths.map(path => source.file(path))))).toEqual(new Set(['key', 'password']))
  expect(read).toBe(2)
})

it('what the stages of a session ask for is read once for all of them', async () => {
  await using opened = await aStore()
  const { store } = opened
  await applyDesiredState(store.database, withoutFile, {})
  let read = 0
  const counting = { ...sealer, open: (purpose: string, sealed: string) => (read++, sealer.open(purpose, sealed)) }
  const sessions = storedSessions(store.database, {
    connections: bench.connections,
    directory: bench.directory,
    installation: 'i',
    environment: {},
    learn: () => {},
    sealer: counting,
    keyFilesOf,
    kubeconfigReader: () => null,
  })
  const first = await rke2Session(sessions.session('demo')).secrets()
  const once = read
  for (let stage = 0; stage < 10; stage++) {
    const session = rke2Session(sessions.session('demo'))
    expect(await session.secrets()).toBe(first)
    expect((await session.nodes()).map(({ hostname }) => hostname)).toEqual(['m1'])
  }
  expect(read).toBe(once)
  await sessions.close()
})

it('a node that the file no longer names is reached as before, with the key on record', async () => {
  await using opened = await aStore()
  const { store } = opened
  const dropped = node('w1', '10.0.0.9', 'worker', { ssh: { key_file: './own', user: 'jane' } })
  const before = clusterFileOf('demo', [...nodes, dropped], { ssh: { key_file: './id' } })
  await applyDesiredState(store.database, before, {})
  await keepFiles(store.database, sealer, 'demo', keyFilesOf(before.spec), { './id': 'key', './own': 'its own key' })
  await store.database.updateTable('nodes').set({ status: 'active', installed_version: 'v1' }).execute()
  const after = clusterFileOf('demo', nodes, { ssh: { key_file: './id' } })
  const shared = { connections: bench.connections, directory: bench.directory, installation: 'i', environment: {} }
  const hostsOf = async (source: SessionSource) => {
    const session = openSession('demo', source, { ...shared, ...around, learn: () => {} })
    const targets = (await session.hosts()).targets.map(({ hostname, user, identity }) => [hostname, user, identity])
    await session.close()
    return targets
  }
  const both = [
    ['m1', 'root', 'key'],
    ['w1', 'jane', 'its own key'],
  ]
  expect(await hostsOf(draftSource(store.database, around, after, { './id': 'key' }, []))).toEqual(both)
  await applyDesiredState(store.database, after, {})
  expect(await hostsOf(storedSource(store.database, around, 'demo'))).toEqual(both)
  // Its key is not there any more: it hides nobody.
  await store.database.deleteFrom('credentials').where('name', 'like', '%own').execute()
  expect(await hostsOf(storedSource(store.database, around, 'demo'))).toEqual(both.slice(0, 1))
})
