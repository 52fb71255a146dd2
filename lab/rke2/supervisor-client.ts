import { existsSync, readFileSync } from 'node:fs'
import { type HttpsCaller, httpsCaller, type Question } from './https-json.ts'
import { log } from './log.ts'
import { checkCaHash, formatToken, parseToken } from './token.ts'

/** Milliseconds that a change may take: a rotation of keys writes every secret anew before it answers. */
const putTimeout = 300_000
/** Milliseconds after which a server that says nothing is taken for dead, so that the next one is asked. */
const caTimeout = 4000

/** A supervisor whose authority is known to be the one that the token names. */
export interface Supervisor {
  url: string
  ca: string
  /** The token in its secure form. */
  token: string
  get(path: string): Promise<string>
  post(path: string, body: string, headers: Record<string, string>): Promise<string>
  put(path: string, body: string): Promise<string>
}

/**
 * Downloads a cluster's CA, checks it against the token, and from then on trusts only that CA.
 * `stem` names a client certificate that may be shown as well; `told`, that a token without a hash was warned of.
 * Throws when the server can't be reached, has another CA than the token's, or a certificate of another CA.
 */
export async function connectSupervisor(
  url: string,
  tokenText: string,
  user: 'server' | 'node',
  stem?: string,
  told = false,
): Promise<Supervisor> {
  const token = parseToken(tokenText)
  const ca = await downloadCa(url)
  checkCaHash(token, ca)
  if (token.caHash === '' && !told) {
    log.warn(
      "Cluster CA certificate is not trusted by the host CA bundle, but the token does not include a CA hash. Use the full token from the server's node-token file to enable Cluster CA validation.",
    )
  }
  const certificate =
    stem !== undefined && existsSync(`${stem}.crt`)
      ? { cert: readFileSync(`${stem}.crt`, 'utf8'), key: readFileSync(`${stem}.key`, 'utf8') }
      : {}
  const caller = httpsCaller(url, { ca, ...certificate })
  const authorization = `Basic ${Buffer.from(`${user}:${token.password}`).toString('base64')}`
  const ask = (method: string, path: string, body?: string, headers: Record<string, string> = {}, timeout = 10_000) =>
    expectSuccess(caller, url, path, {
      method,
      timeout,
      headers: { authorization, ...headers },
      ...(body === undefined ? {} : { body }),
    })
  return {
    url,
    ca,
    token: formatToken(ca, user, token.password),
    get: path => ask('GET', path),
    post: (path, body, headers) => ask('POST', path, body, headers),
    put: (path, body) => ask('PUT', path, body, {}, putTimeout),
  }
}

async function downloadCa(url: string): Promise<string> {
  let ca: string
  const untrusting = httpsCaller(url, { insecure: true })
  try {
    ca = await expectSuccess(untrusting, url, '/cacerts', { timeout: caTimeout })
  } catch (cause) {
    throw new Error('failed to get CA certs', { cause })
  } finally {
    untrusting.close()
  }
  const trusting = httpsCaller(url, { ca })
  try {
    await expectSuccess(trusting, url, '/cacerts', {})
  } catch (cause) {
    throw new Error('CA cert validation failed', { cause })
  } finally {
    trusting.close()
  }
  return ca
}

async function expectSuccess(caller: HttpsCaller, url: string, path: string, question: Question): Promise<string> {
  const answer = await caller.call(path, question)
  if (answer.status >= 200 && answer.status < 300) return answer.body
  throw new Error(`${new URL(path, url)}: HTTP ${answer.status}: ${answer.body}`)
}
