import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadSealer } from '../../src/secrets/seal.ts'
import { newestCredentials, putCredential } from '../../src/store/credentials.ts'
import { forgetHostKey, listHostKeys, pinHostKey } from '../../src/store/hostKeys.ts'
import { openSealer } from '../../src/server/openSealer.ts'
import { emptyStoreForEach } from './fixtures.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const store = emptyStoreForEach()
const put = (name: string, digest: string) =>
  putCredential(store().database, { name, kind: 'ssh-key', sealed: `sealed ${digest}`, digest })

it('gives a credential a new version only when the secret is another one', async () => {
  expect(await put('demo/ssh', 'a')).toBe('demo/ssh@1')
  expect(await put('demo/ssh', 'a')).toBe('demo/ssh@1')
  expect(await put('demo/ssh', 'b')).toBe('demo/ssh@2')
})

it('gives two equal secrets that are put at the same moment one version', async () => {
  const references = await Promise.all([put('x', 'a'), put('x', 'a'), put('x', 'a')])
  expect(new Set(references)).toEqual(new Set(['x@1']))
})

it('gives the newest version of what begins with a name, whatever stands behind it', async () => {
  for (const name of ['demo/b', 'demo/a', 'demo/Ü', 'demo', 'demo-2/a', 'demo0/a']) await put(name, '1')
  await put('demo/a', '2')
  const found = await newestCredentials(store().database, 'demo/')
  expect(new Set(found.map(one => `${one.name} ${one.version} ${one.sealed}`))).toEqual(
    new Set(['demo/a 2 sealed 2', 'demo/b 1 sealed 1', 'demo/Ü 1 sealed 1']),
  )
})

it('pins the host key of the first contact, until it is forgotten', async () => {
  expect(await pinHostKey(store().database, 'demo', 'm1', 'ssh-ed25519 A')).toBe('ssh-ed25519 A')
  expect(await pinHostKey(store().database, 'demo', 'm1', 'ssh-ed25519 B')).toBe('ssh-ed25519 A')
  expect(await pinHostKey(store().database, 'other', 'm1', 'ssh-ed25519 C')).toBe('ssh-ed25519 C')
  expect(await listHostKeys(store().database, 'demo')).toEqual([{ host: 'm1', key_lines: 'ssh-ed25519 A' }])
  expect(await forgetHostKey(store().database, 'demo', 'm1')).toBe(true)
  expect(await forgetHostKey(store().database, 'demo', 'm1')).toBe(false)
  expect(await pinHostKey(store().database, 'demo', 'm1', 'ssh-ed25519 B')).toBe('ssh-ed25519 B')
})

let folder: string
beforeEach(async () => {
  folder = temporaryFolder('key')
  await store().database.updateTable('installation').set({ sealing_key: null }).execute()
})
afterEach(() => rm(folder, { recursive: true }))
const open = (name: string) => openSealer(store().database, join(folder, name))

it('a database is served with the key that has sealed it first, and with no other', async () => {
  const first = await open('first')
  expect((await open('first')).keyId).toBe(first.keyId)
  loadSealer(join(folder, 'second'))
  await expect(open('second')).rejects.toMatchObject({ code: 'sealing-key-differs', facts: { key: first.keyId } })
})

it('no key is made for a database that was sealed with another one', async () => {
  await open('first')
  await expect(open('lost')).rejects.toMatchObject({ code: 'sealing-key-differs' })
  expect(existsSync(join(folder, 'lost'))).toBe(false)
})

it('of servers that start first at the same moment with keys of their own, one is served', async () => {
  const names = ['a', 'b', 'c']
  const opened = await Promise.allSettled(names.map(open))
  expect(opened.filter(one => one.status === 'fulfilled')).toHaveLength(1)
})
