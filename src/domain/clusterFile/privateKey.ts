import { createHash } from 'node:crypto'

/** What a private key's text shows without its passphrase. */
export type PrivateKey =
  | { readonly kind: 'usable'; readonly text: string; readonly fingerprint: string }
  /** `publicKey` is known for OpenSSH's own format: enough for an agent that holds the private half. */
  | { readonly kind: 'encrypted'; readonly publicKey?: string; readonly fingerprint: string }
  | { readonly kind: 'invalid'; readonly fault: PrivateKeyFault }

export type PrivateKeyFault = 'public' | 'putty' | 'no-key' | 'damaged'

const pem =
  /^-----BEGIN ((?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY)-----[ \t]*\n([\s\S]+?)\n-----END \1-----[ \t]*$/m

/**
 * Finds the private key, in PEM or OpenSSH form, in the contents of a file. Line ends and a missing last newline are
 * set right, and what stands around the key (a certificate, empty lines) is left out: ssh is strict about both.
 */
export function readPrivateKey(contents: string): PrivateKey {
  const normal = contents.replace(/\r\n?/g, '\n').trim()
  const [, label, body] = pem.exec(normal) ?? []
  if (label === undefined || body === undefined) return { kind: 'invalid', fault: whatElse(normal) }
  const text = `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`
  const fingerprint = createHash('sha256').update(text).digest('hex').slice(0, 16)
  if (label === 'OPENSSH PRIVATE KEY') {
    const parsed = parseOpenSsh(Buffer.from(body, 'base64'))
    if (!parsed) return { kind: 'invalid', fault: 'damaged' }
    if (parsed.cipher !== 'none') return { kind: 'encrypted', publicKey: parsed.publicKey, fingerprint }
  } else if (label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(body)) {
    return { kind: 'encrypted', fingerprint }
  }
  return { kind: 'usable', text, fingerprint }
}

function whatElse(text: string): PrivateKeyFault {
  if (/^(ssh|ecdsa|sk)-|BEGIN (SSH2 |RSA )?PUBLIC KEY/.test(text)) return 'public'
  if (text.startsWith('PuTTY-User-Key-File')) return 'putty'
  return /^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(text) ? 'damaged' : 'no-key'
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
