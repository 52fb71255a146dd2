import { createHash, X509Certificate } from 'node:crypto'

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

/**
 * The hash a token carries, in hex: SHA-256 over the CA file's bytes. Of a bundle (custom or rotated CA) it is that over
 * the root certificate's DER, where the first certificate leads to a root of the bundle.
 */
export function hashOfCa(pem: string): string {
  const certificates = (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).slice()
  const root = certificates.length > 1 ? rootOf(certificates.map(text => new X509Certificate(text))) : undefined
  return createHash('sha256')
    .update(root === undefined ? pem : root.raw)
    .digest('hex')
}

/** The self-signed certificate, other than the first, that the first one's chain ends at. */
function rootOf([first, ...others]: readonly X509Certificate[]): X509Certificate | undefined {
  const seen = new Set<X509Certificate>()
  for (let here = first; here !== undefined && !seen.has(here); ) {
    seen.add(here)
    const issued = here
    const issuers = others.filter(other => issued.checkIssued(other) && issued.verify(other.publicKey))
    const root = issuers.find(other => other.checkIssued(other))
    if (root !== undefined) return root
    here = issuers.find(other => !seen.has(other))
  }
  return undefined
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
