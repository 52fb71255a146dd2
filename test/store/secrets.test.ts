import { expect, it } from 'vitest'
import { listCredentials, putCredential, readCredential } from '../../src/store/credentials.ts'
import { forgetHostKey, listHostKeys, pinHostKey } from '../../src/store/hostKeys.ts'
import { overBothDatabases } from './databases.ts'
import { emptyStoreForEach } from './fixtures.ts'

overBothDatabases(kind => {
  const store = emptyStoreForEach(kind)
  const put = (name: string, digest: string) =>
    putCredential(store().database, { name, kind: 'ssh-key', sealed: `sealed ${digest}`, digest })

  it('gives a credential a new version only when the secret is another one', async () => {
    expect(await put('demo/ssh', 'a')).toBe('demo/ssh@1')
    expect(await put('demo/ssh', 'a')).toBe('demo/ssh@1')
    expect(await put('demo/ssh', 'b')).toBe('demo/ssh@2')
    expect(await readCredential(store().database, 'demo/ssh@1')).toEqual({ kind: 'ssh-key', sealed: 'sealed a' })
    await expect(readCredential(store().database, 'demo/ssh@3')).rejects.toMatchObject({ code: 'not-found' })
    await expect(readCredential(store().database, 'demo/ssh')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('gives two equal secrets that are put at the same moment one version', async () => {
    const references = await Promise.all([put('x', 'a'), put('x', 'a'), put('x', 'a')])
    expect(new Set(references)).toEqual(new Set(['x@1']))
  })

  it('lists credentials by pages, without their secrets', async () => {
    await put('b', '1')
    await put('a', '1')
    await put('a', '2')
    const [first] = await listCredentials(store().database, { limit: 1 })
    expect(first).toEqual({ name: 'a', version: 2, kind: 'ssh-key', created: expect.any(String) })
    const rest = await listCredentials(store().database, { after: 'a', limit: 10 })
    expect(rest.map(one => one.name)).toEqual(['b'])
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
})
