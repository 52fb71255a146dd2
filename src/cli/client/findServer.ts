import type { DataFolder } from '../../api/access/home.ts'
import { readServerNote } from '../../api/access/serverFile.ts'
import { readToken } from '../../api/access/token.ts'
import { healthShape } from '../../contract/health.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { Endpoint } from './client.ts'
import { exchange } from './exchange.ts'

/** A server on this machine that doesn't answer within this is not there, ms. */
const patience = 2000

/** The server that the environment names, or null. @throws SlipwayError `usage` when it has no token. */
export function namedServer(folder: DataFolder, environment: NodeJS.ProcessEnv = process.env): Endpoint | null {
  const url = environment['SLIPWAY_URL']
  if (!url) return null
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new SlipwayError('usage', `SLIPWAY_URL is not a URL: ${url}`, {
      remedy: 'Write it like http://127.0.0.1:7420.',
    })
  const token = environment['SLIPWAY_TOKEN']?.trim() || readToken(folder.tokenFile)
  if (!token)
    throw new SlipwayError('usage', 'SLIPWAY_URL is set without SLIPWAY_TOKEN', {
      remedy: 'Set SLIPWAY_TOKEN to what is in the file `token` in the data folder of that server.',
    })
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new SlipwayError('usage', 'SLIPWAY_TOKEN holds signs that no token has', {
      remedy: 'Copy the token again: it is one line of letters, digits, - and _.',
    })
  return { url, token }
}

/** The server that runs on the data folder, or null. The note in the folder may be stale: the server must say it is the one. */
export async function runningServer(folder: DataFolder): Promise<Endpoint | null> {
  const note = readServerNote(folder.serverFile)
  const token = note && readToken(folder.tokenFile)
  if (!note || !token) return null
  try {
    const reply = await exchange(new URL('/healthz', note.url), {
      method: 'GET',
      signal: AbortSignal.timeout(patience),
    })
    const { instance } = healthShape.parse(JSON.parse(await reply.text()))
    return instance === note.instance ? { url: note.url, token } : null
  } catch {
    return null
  }
}
