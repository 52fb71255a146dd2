import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { keepLearnt } from '../../src/clusters/learnt.ts'
import { draftSource } from '../../src/clusters/sources.ts'
import { parseKnownHosts } from '../../src/hosts/hostKeys.ts'
import { createSealer } from '../../src/secrets/seal.ts'
import { listHostKeys, pinHostKey } from '../../src/store/hostKeys.ts'
import { createEmbedded } from './databases.ts'
import { clusterFileOf, node } from './fixtures.ts'
import { applyDesiredState } from './applyDesiredState.ts'

it('accepts the new key of the machine that is named, and of no other', async () => {
  const database = await createEmbedded()
  const store = await database.open()
  const desired = clusterFileOf('demo', [node('m1', '10.0.0.1', 'initial_master'), node('m2', '10.0.0.2', 'master')])
  const name = desired.metadata.name
  const sealer = createSealer(randomBytes(32))
  await applyDesiredState(store.database, desired, {})
  for (const host of ['m1', 'm2']) await pinHostKey(store.database, name, host, `${host} ssh-ed25519 AAAA\n`)
  const source = draftSource(store.database, { sealer, keyFilesOf: () => [] }, desired, {}, ['host-key-changed:m1'])
  const names = async () => (await source.knownHosts.list(name)).map(({ host, key }) => `${host} ${key}`)
  expect(await names()).toEqual(['m2 AAAA'])
  const learnt = async () => (await source.learnt()).hostKeys.map(({ host, key }) => `${host} ${key}`)
  expect(await learnt()).toEqual([])
  await source.knownHosts.record(name, parseKnownHosts('m1 ssh-ed25519 BBBB\nm2 ssh-ed25519 CCCC\n'))
  expect(await names()).toEqual(['m2 AAAA', 'm1 BBBB'])
  expect(await learnt()).toEqual(['m1 BBBB'])
  const kept = await source.learnt()
  await store.transaction(tx => keepLearnt(tx, sealer, name, kept))
  expect(await listHostKeys(store.database, name)).toEqual([
    { host: 'm1', key_lines: 'm1 ssh-ed25519 BBBB\n' },
    { host: 'm2', key_lines: 'm2 ssh-ed25519 AAAA\n' },
  ])
  expect(await learnt()).toEqual([])
  await store.close()
  await database.remove()
})
