/** Which key a certificate is of, and with which it was signed, as its extensions say; null where they do not. */
export interface KeyIdentifiers {
  readonly subject: Buffer | null
  readonly authority: Buffer | null
}

const subjectKey = '551d0e'
const authorityKey = '551d23'
const tags = { octets: 0x04, oid: 0x06, keyIdentifier: 0x80, extensions: 0xa3 } as const

/** @param der A certificate that was parsed before: its lengths are right. */
export function keyIdentifiers(der: Uint8Array): KeyIdentifiers {
  const [certificate] = elements(Buffer.from(der))
  const [tbs] = elements(certificate?.content ?? empty)
  const wrapped = elements(tbs?.content ?? empty).find(({ tag }) => tag === tags.extensions)
  const [list] = elements(wrapped?.content ?? empty)
  const extensions = elements(list?.content ?? empty).map(({ content }) => elements(content))
  const valueOf = (oid: string): Element | undefined => {
    const found = extensions.find(([id]) => id?.tag === tags.oid && id.content.toString('hex') === oid)
    return elements(found?.find(({ tag }) => tag === tags.octets)?.content ?? empty)[0]
  }
  const subject = valueOf(subjectKey)
  const authority = elements(valueOf(authorityKey)?.content ?? empty).find(({ tag }) => tag === tags.keyIdentifier)
  return { subject: subject?.content ?? null, authority: authority?.content ?? null }
}

interface Element {
  readonly tag: number
  readonly content: Buffer
}

const empty = Buffer.alloc(0)

/** DER elements one behind the other. */
function elements(bytes: Buffer): Element[] {
  const found: Element[] = []
  for (let at = 0; at + 1 < bytes.length; ) {
    const short = bytes[at + 1] ?? 0
    const more = short < 0x80 ? 0 : short & 0x7f
    const length = more === 0 ? short : bytes.readUIntBE(at + 2, Math.min(more, 6))
    const begin = at + 2 + more
    found.push({ tag: bytes[at] ?? 0, content: bytes.subarray(begin, begin + length) })
    at = begin + length
  }
  return found
}
