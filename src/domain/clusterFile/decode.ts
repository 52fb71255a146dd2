import type { FindingName } from '../findingCatalogue.ts'

/** Beyond this no cluster file makes sense: 5,000 nodes with settings of their own take a quarter of it. */
export const maxClusterFileBytes = 1024 * 1024

export interface Refusal {
  readonly name: FindingName
  /** Offset into the text, in UTF-16 units; 0 when the bytes are no text. */
  readonly offset: number
  /** `spec.nodes[2]`; absent for the file as a whole. */
  readonly path?: string
  readonly message: string
  readonly remedy: string
}

export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly refusal: Refusal; readonly text: string }

const refuse = (name: FindingName, message: string, remedy: string, text = '', offset = 0): Decoded => ({
  ok: false,
  refusal: { name, offset, message, remedy },
  text,
})

const saveAsUtf8 = 'Save the file as UTF-8 (in most editors: "Save with encoding"), or convert it: iconv -t UTF-8.'

/** Bytes of a cluster file to text: UTF-8, with or without its mark, no NUL, at most 1 MiB. */
export function decodeClusterFile(bytes: Uint8Array): Decoded {
  if (bytes.length > maxClusterFileBytes) return tooLarge(bytes.length)
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || looksLikeUtf16(bytes))
    return refuse('wrong-encoding', 'the file is UTF-16 text, UTF-8 is needed', saveAsUtf8)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const lenient = new TextDecoder('utf-8').decode(bytes)
    const offset = Math.max(0, lenient.indexOf('\ufffd'))
    return refuse(
      'wrong-encoding',
      'this byte is not UTF-8 text (Latin-1, or a binary file)',
      saveAsUtf8,
      lenient,
      offset,
    )
  }
  const nul = text.indexOf('\0')
  if (nul >= 0)
    return refuse('nul-byte', 'the file holds a NUL byte', 'Is this the right file? A cluster file is text.', text, nul)
  return { ok: true, text }
}

export function tooLarge(bytes: number): Decoded & { ok: false } {
  const refusal: Refusal = {
    name: 'file-too-large',
    offset: 0,
    message: `the file has ${bytes.toLocaleString('en')} bytes or more, at most ${maxClusterFileBytes.toLocaleString('en')} are read`,
    remedy: 'Is this the right file? A cluster file of 1,000 nodes has about 100,000 bytes.',
  }
  return { ok: false, refusal, text: '' }
}

/** ASCII in UTF-16 without a mark: every other byte is NUL. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 64)
  if (sample.length < 4) return false
  const zeros = (parity: number) => sample.filter((byte, index) => index % 2 === parity && byte === 0).length
  const half = Math.floor(sample.length / 2)
  return zeros(0) >= half * 0.8 || zeros(1) >= half * 0.8
}
