import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../temporaryFolder.fixture.ts'
import { createSealer, keyedHash, loadSealer } from './seal.ts'

describe('sealing', () => {
  it('opens what it sealed, for the same purpose only', () => {
    const sealer = createSealer(randomBytes(32))
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (clear, purpose, other) => {
        const sealed = sealer.seal(purpose, clear)
        expect(sealer.open(purpose, sealed)).toBe(clear)
        if (other !== purpose) expect(() => sealer.open(other, sealed)).toThrow(/belongs to another place/)
      }),
    )
  })

  it('refuses a text in which any character was changed', () => {
    const sealer = createSealer(randomBytes(32))
    const sealed = sealer.seal('token', 'secret')
    const at = sealed.lastIndexOf('.') + 3
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
    expect(() => sealer.open('token', changed)).toThrow(/changed/)
  })

  it('says so when the key is another one', () => {
    const sealed = createSealer(randomBytes(32)).seal('token', 'secret')
    expect(() => createSealer(randomBytes(32)).open('token', sealed)).toThrow(/sealed with key/)
  })

  it('makes a key file that only its owner may read, and finds it again', () => {
    const keyFile = join(temporaryFolder(), 'home', 'key')
    const first = loadSealer(keyFile)
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    expect(loadSealer(keyFile).open('p', first.seal('p', 'x'))).toBe('x')
  })

  it('closes a key file that others may read, and refuses one that holds no key', () => {
    const keyFile = join(temporaryFolder(), 'home', 'key')
    loadSealer(keyFile)
    chmodSync(keyFile, 0o644)
    loadSealer(keyFile)
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    writeFileSync(keyFile, '')
    expect(() => loadSealer(keyFile)).toThrow(expect.objectContaining({ code: 'file-unreadable' }))
  })

  it('gives each cluster a hash key of its own, the same at each start', () => {
    const key = randomBytes(32)
    const sealer = createSealer(key)
    expect(sealer.hashKey('a')).toBe(createSealer(key).hashKey('a'))
    expect(keyedHash(sealer.hashKey('a'), 'text')).not.toBe(keyedHash(sealer.hashKey('b'), 'text'))
  })
})
