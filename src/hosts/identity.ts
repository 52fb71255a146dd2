import { createHash } from 'node:crypto'

/** What a private key's text shows without its passphrase. */
export type Identity =
  | { readonly kind: 'usable'; readonly text: string; readonly fingerprint: string }
  /** `publicKey` is known for OpenSSH's own format: enough for an agent that holds the private half. */
  | { readonly kind: 'encrypted'; readonly publicKey?: string; readonly fingerprint: string }
  | { readonly kind: 'invalid'; readonly reason: string }

const pem = /^-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----\n([\s\S]+?)\n-----END \1-----$/

/** Looks at a private key in PEM or OpenSSH form; line ends and a missing last newline are mended. */
export function readIdentity(text: string): Identity {
  const normal = text.replaceAll('\r\n', '\n').trim()
  const found = pem.exec(normal)
  const label = found?.[1]
  const body = found?.[2]
  if (label === undefined || body === undefined) {
    return /^(ssh|ecdsa)-|BEGIN (SSH2 )?PUBLIC KEY/.test(normal)
      ? { kind: 'invalid', reason: 'this is a public key; the private key is needed' }
      : { kind: 'invalid', reason: 'this is not a private key in PEM or OpenSSH form' }
  }
  const fingerprint = createHash('sha256').update(normal).digest('hex').slice(0, 16)
  if (label === 'OPENSSH PRIVATE KEY') {
    const parsed = parseOpenSsh(Buffer.from(body, 'base64'))
    if (!parsed) return { kind: 'invalid', reason: 'the private key is cut off or damaged' }
    if (parsed.cipher !== 'none') return { kind: 'encrypted', publicKey: parsed.publicKey, fingerprint }
  } else if (label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED$/m.test(body)) {
    return { kind: 'encrypted', fingerprint }
  }
  return { kind: 'usable', text: `${normal}\n`, fingerprint }
}

/** Header of openssh-key-v1 (PROTOCOL.key of OpenSSH): magic, cipher, kdf, options, number of keys, public key. */
function parseOpenSsh(bytes: Buffer): { cipher: string; publicKey: string } | undefined {
  const magic = 'openssh-key-v1\0'
  if (bytes.subarray(0, magic.length).toString('latin1') !== magic) return undefined
  let at = magic.length
  const field = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined
    const start = at + 4
    const end = start + bytes.readUInt32BE(at)
    if (end > bytes.length) return undefined
    at = end
    return bytes.subarray(start, end)
  }
  const cipher = field()
  field()
  field()
  at += 4
  const blob = field()
  if (!cipher || !blob || blob.length < 4 || !field()) return undefined
  const algorithm = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')
  return { cipher: cipher.toString('latin1'), publicKey: `${algorithm} ${blob.toString('base64')}` }
}
