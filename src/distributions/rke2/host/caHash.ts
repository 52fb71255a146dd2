import { createHash, X509Certificate } from 'node:crypto'
import { keyIdentifiers } from './keyIdentifiers.ts'

const certificates = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * What a token says of the cluster's CA, hex: `K10<this>::user:password`. RKE2 takes the SHA-256 of the file where it
 * holds one certificate. Of a bundle it takes that of the root (DER) to which the first certificate leads, so that an
 * authority below it can be renewed; where it leads to none, that of the file again.
 * @param now ms since 1970; authorities that are not valid then lead nowhere.
 */
export function caHash(file: Uint8Array, now = Date.now()): string {
  const blocks = Buffer.from(file).toString('latin1').match(certificates) ?? []
  if (blocks.length < 2) return sha256(file)
  const [first, ...rest] = parsed(blocks)
  if (!first) return sha256(file)
  const valid = rest.filter(certificate => isValid(certificate, now))
  const root = isValid(first, now) ? rootOf(first, valid, [first]) : null
  return sha256(root ? root.raw : file)
}

/** None when one of them can't be read: then nothing is known of where they lead. */
function parsed(blocks: readonly string[]): X509Certificate[] {
  try {
    return blocks.map(block => new X509Certificate(block))
  } catch {
    return []
  }
}

const isValid = (certificate: X509Certificate, now: number): boolean =>
  Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo)

/** Without a word of who signed it, or signed with its own key. */
function isRoot(certificate: X509Certificate): boolean {
  const { subject, authority } = keyIdentifiers(certificate.raw)
  return authority === null || (subject !== null && authority.equals(subject))
}

/** The first root that is found; `chain` is the way up to here. */
function rootOf(
  from: X509Certificate,
  others: readonly X509Certificate[],
  chain: readonly X509Certificate[],
): X509Certificate | null {
  if (chain.length === 1 && others.some(other => isRoot(other) && other.raw.equals(from.raw))) return from
  const above = others.filter(other => !chain.some(one => one.raw.equals(other.raw)) && isIssuer(other, from))
  const root = above.find(isRoot)
  if (root) return root
  for (const next of above) {
    const found = rootOf(next, others, [...chain, next])
    if (found) return found
  }
  return null
}

const isIssuer = (issuer: X509Certificate, of: X509Certificate): boolean =>
  issuer.ca && of.checkIssued(issuer) && of.verify(issuer.publicKey)
