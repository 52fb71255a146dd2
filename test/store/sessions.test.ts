import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepFiles } from '../../src/store/storedFiles.ts'
import { type StoredSessions, storedSessions } from '../../src/clusters/sessions.ts'
import { createDistributions } from '../../src/distributions/distributions.ts'
import { rke2 } from '../../src/distributions/rke2/index.ts'
import { type Connections, openConnections } from '../../src/hosts/connections.ts'
import { createSealer } from '../../src/secrets/seal.ts'
import { forgetHostKey, pinHostKey } from '../../src/store/hostKeys.ts'
import type { Store } from '../../src/store/openStore.ts'
import { serverKind, type TestDatabase } from './databases.ts'
import { clusterFileOf, node } from './fixtures.ts'
import { temporaryFolder } from './temporaryFolder.ts'
import { applyDesiredState } from './applyDesiredState.ts'

/** One server executes, another one on the same database applies: what the first has open must not be stale. */
const kind = serverKind()
const sealer = createSealer(Buffer.alloc(32, 7))
const { keyFilesOf } = createDistributions([rke2])
let database: TestDatabase
let executing: Store
let applying: Store
let folder: string
let connections: Connections
let sessions: StoredSessions

beforeEach(async () => {
  database = await kind.create()
  executing = await database.open()
  applying = await database.open()
  folder = temporaryFolder('sessions')
  connections = await openConnections({ directory: `${folder}/c`, environment: {} })
  const installation = executing.installation.id
  sessions = storedSessions(executing.database, {
    connections,
    directory: folder,
    installation,
    sealer,
    environment: {},
    learn: () => {},
    keyFilesOf,
    kubeconfigReader: () => null,
  })
  await apply('10.0.0.1', 'first key')
})
afterEach(async () => {
  await sessions.close()
  await connections.close()
  await executing.close()
  await applying.close()
  await database.remove()
  await rm(folder, { recursive: true })
})

async function apply(address: string, key: string): Promise<void> {
  const desired = clusterFileOf('demo', [node('m1', address, 'initial_master')], { ssh: { key_file: './id' } })
  await applyDesiredState(applying.database, desired)
  await keepFiles(applying.database, sealer, 'demo', keyFilesOf(desired.spec), { './id': key })
}
const opened = () => sessions.session('demo').hosts()
const seen = async () => {
  const { address, identity } = (await opened()).target('m1')
  return `${address} ${identity}`
}

it('a stage that is bound after another server has applied reaches the hosts as they are described now', async () => {
  expect(await seen()).toBe('10.0.0.1 first key')
  await apply('10.0.0.2', 'first key')
  expect(await seen()).toBe('10.0.0.2 first key')
  await apply('10.0.0.2', 'second key')
  expect(await seen()).toBe('10.0.0.2 second key')
})

it('a host key that another server has forgotten and pinned anew is the one to go by', async () => {
  const known = async () => {
    const { sshConfig } = await opened()
    const file = /UserKnownHostsFile "?([^"\n]+)/.exec(await readFile(sshConfig, 'utf8'))?.[1] ?? ''
    return readFile(file, 'utf8')
  }
  const line = (key: string) => `m1 ssh-ed25519 ${Buffer.from(key).toString('base64')}\n`
  await pinHostKey(applying.database, 'demo', 'm1', line('the first key'))
  expect(await known()).toContain(line('the first key').split(' ')[2]?.trim())
  await forgetHostKey(applying.database, 'demo', 'm1')
  await pinHostKey(applying.database, 'demo', 'm1', line('the second key'))
  expect(await known()).toContain(line('the second key').split(' ')[2]?.trim())
})

it('all stages share what is open, until something changes; what a stage has in use stays there for it', async () => {
  const stage = sessions.session('demo')
  const first = await stage.hosts()
  expect(await opened()).toBe(first)
  await apply('10.0.0.2', 'first key')
  const second = await opened()
  expect(second).not.toBe(first)
  expect(await stage.hosts()).toBe(first)
  expect(existsSync(first.sshConfig)).toBe(true)
  await apply('10.0.0.3', 'first key')
  await opened()
  expect([existsSync(first.sshConfig), existsSync(second.sshConfig)]).toEqual([false, true])
})
