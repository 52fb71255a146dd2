import { createHash } from 'node:crypto'
import { archiveFiles } from './archiveFiles.ts'

/**
 * sha256 (hex) of what is in a packed chart: the same files packed again are the same chart, whatever the times that the
 * archive carries. Of what cannot be unpacked it is that of its bytes: whoever reads it says what is wrong.
 */
export async function chartDigest(packed: Uint8Array): Promise<string> {
  try {
    const files = await archiveFiles(packed)
    const lines = files.map(({ path, contents }) => `${sha256(contents)} ${path}\n`).toSorted()
    return sha256(Buffer.from(lines.join('')))
  } catch {
    return sha256(packed)
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
