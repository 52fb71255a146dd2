import { createHash } from 'node:crypto'

/** A join token. `caHash` is empty in the short form, which is the password alone. */
export interface Token {
  caHash: string
  user: string
  password: string
}

const prefix = 'K10'
const hashLength = 64

/** Reads `K10<hash>::<user>:<password>` or a bare password. Throws with RKE2's words when it is neither. */
export function parseToken(text: string): Token {
  if (text === '') throw new Error('token must not be empty')
  if (!text.startsWith(prefix)) return { caHash: '', user: '', password: text }
  const rest = text.slice(prefix.length)
  const split = rest.indexOf('::')
  const caHash = split < 0 ? '' : rest.slice(0, split)
  if (caHash.length > 0 && caHash.length !== hashLength) throw new Error('invalid token CA hash length')
  const credentials = split < 0 ? rest : rest.slice(split + 2)
  const colon = credentials.indexOf(':')
  if (colon < 0 || colon === credentials.length - 1) throw new Error('invalid token format')
  return { caHash, user: credentials.slice(0, colon), password: credentials.slice(colon + 1) }
}

/** The hash a token carries: SHA-256 over the CA file's bytes, in hex (a self-signed cluster CA). */
export function hashOfCa(pem: string): string {
  return createHash('sha256').update(pem).digest('hex')
}

/** The secure form of a token. */
export function formatToken(caPem: string, user: string, password: string): string {
  return `${prefix}${hashOfCa(caPem)}::${user}:${password}`
}

/** Throws when the token names a CA and the cluster has another one. */
export function checkCaHash(token: Token, caPem: string): void {
  const actual = hashOfCa(caPem)
  if (token.caHash !== '' && token.caHash !== actual) {
    throw new Error(`token CA hash does not match the Cluster CA certificate hash: ${token.caHash} != ${actual}`)
  }
}
