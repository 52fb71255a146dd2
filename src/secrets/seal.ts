import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import { readPrivateFile } from './privateFile.ts'

/**
 * Seals secrets for the database with AES-256-GCM. The key lies in a file beside the data, never in the database, so
 * that a dump alone is worthless. `purpose` is bound to the sealed text: a value can't be moved to another place.
 */
export interface Sealer {
  /** Names the key, so that a text sealed with another one is told apart from a damaged one. */
  readonly keyId: string
  seal(purpose: string, clear: string): string
  /** @throws SlipwayError `internal` when the text was sealed with another key, for another purpose, or was changed. */
  open(purpose: string, sealed: string): string
  /** A keyed hash (HMAC-SHA256, hex key of 32 bytes) for comparing files that hold secrets; differs a cluster. */
  hashKey(cluster: string): string
}

const version = 'v1'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

export function createSealer(key: Buffer): Sealer {
  if (key.length !== keyBytes)
    throw new SlipwayError('internal', `the sealing key has ${key.length} bytes instead of ${keyBytes}`)
  const keyId = createHash('sha256').update('slipway key id').update(key).digest('hex').slice(0, 12)
  return {
    keyId,
    seal(purpose, clear) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose))
      const body = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [version, keyId, nonce.toString('base64url'), body.toString('base64url')].join('.')
    },
    open(purpose, sealed) {
      const [format, id, nonce, body] = sealed.split('.')
      if (format !== version || !id || !nonce || !body) throw unsealable(purpose, 'it is not a sealed text')
      if (id !== keyId) throw unsealable(purpose, `it was sealed with key ${id}, the data folder has key ${keyId}`)
      const bytes = Buffer.from(body, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'))
        decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-tagBytes))
        return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw unsealable(purpose, 'it was changed or belongs to another place', cause)
      }
    },
    hashKey: cluster => Buffer.from(hkdfSync('sha256', key, '', `file hash of ${cluster}`, keyBytes)).toString('hex'),
  }
}

function unsealable(purpose: string, why: string, cause?: unknown): SlipwayError {
  return new SlipwayError('internal', `the secret ‘${purpose}’ cannot be opened: ${why}`, {
    remedy: 'Put back the key file that belongs to this database.',
    cause,
  })
}

/** Reads the key file, or makes it (0600, fsynced) when there is none; two processes starting together get one key. */
export function loadSealer(keyFile: string): Sealer {
  mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 })
  return createSealer(readKey(keyFile) ?? makeKey(keyFile))
}

function readKey(keyFile: string): Buffer | undefined {
  const text = readPrivateFile(keyFile, 'key file')
  if (text === undefined) return undefined
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === keyBytes) return key
  throw new SlipwayError('file-unreadable', `the key file ${keyFile} is empty or damaged`, {
    remedy: 'Put back the key file that belongs to this database.',
  })
}

function makeKey(keyFile: string): Buffer {
  const draft = `${keyFile}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  writeSync(file, `${randomBytes(keyBytes).toString('base64')}\n`)
  fsyncSync(file)
  closeSync(file)
  try {
    // link() never replaces: of two processes one wins, and both read the winner's key.
    linkSync(draft, keyFile)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  const key = readKey(keyFile)
  if (!key) throw new SlipwayError('internal', `the key file ${keyFile} vanished`)
  return key
}

/** HMAC-SHA256 in hex of a text under a hex key: how a host's file is compared without reading it back. */
export const keyedHash = (hexKey: string, text: string | Buffer): string =>
  createHmac('sha256', Buffer.from(hexKey, 'hex')).update(text).digest('hex')
