import { randomBytes, timingSafeEqual, createHash } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { SlipwayError } from '../../domain/errors.ts'

/** Reads the API's token, or makes it (0600) when there is none; two processes starting together get one token. */
export function loadToken(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return readToken(file) ?? makeToken(file)
}

/** Null when there is no token yet. @throws SlipwayError `file-unreadable`. */
export function readToken(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
    throw new SlipwayError('file-unreadable', `the token file ${file} cannot be read`, {
      remedy: 'Only the user who runs the server may read it. Run the command as that user, or set SLIPWAY_TOKEN.',
      cause,
    })
  }
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
