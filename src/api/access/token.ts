import { randomBytes, timingSafeEqual, createHash } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { SlipwayError } from '../../domain/errors.ts'
import { readPrivateFile } from '../../secrets/privateFile.ts'

/** Reads the API's token, or makes it (0600) when there is none; two processes starting together get one token. */
export function loadToken(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return readToken(file) ?? makeToken(file)
}

/** Null when there is no token yet. @throws SlipwayError `file-unreadable`, also when it holds no token. */
export function readToken(file: string): string | null {
  const token = readPrivateFile(file, 'token file')?.trim()
  if (token === undefined) return null
  // What a request may carry: anything else would be refused by every server, or never leave the client.
  if (/^[\w.~+/-]{20,}=*$/.test(token)) return token
  throw new SlipwayError('file-unreadable', `the token file ${file} is empty or damaged`, {
    remedy: `Stop the server and remove ${file}: a new one is made at the next start.`,
  })
}

function makeToken(file: string): string {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    // link() never replaces: of two processes one wins, and both read the winner's token.
    linkSync(draft, file)
    chmodSync(file, 0o600)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  const token = readToken(file)
  if (!token)
    throw new SlipwayError('file-unreadable', `the token file ${file} is empty`, { remedy: `Remove ${file}.` })
  return token
}

/** Compares in constant time, whatever the lengths are. */
export function isToken(given: string, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(token))
}
