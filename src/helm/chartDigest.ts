import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import { Parser } from 'tar'

/** Bytes unpacked; Helm's own limit is 100 MiB. */
const mostUnpacked = 100 * 1024 * 1024

/**
 * sha256 (hex) of what is in a packed chart: the same files packed again are the same chart, whatever the times that the
 * archive carries. Of what cannot be unpacked it is that of its bytes: whoever reads it says what is wrong.
 */
export async function chartDigest(packed: Uint8Array): Promise<string> {
  try {
    const files = await filesIn(gunzipSync(packed, { maxOutputLength: mostUnpacked }))
    const lines = files.map(([path, digest]) => `${digest} ${path}\n`).toSorted()
    return sha256(Buffer.from(lines.join('')))
  } catch {
    return sha256(packed)
  }
}

async function filesIn(archive: Uint8Array): Promise<[path: string, digest: string][]> {
  const files: [string, string][] = []
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      const hash = createHash('sha256')
      entry.on('data', (part: Buffer) => hash.update(part))
      entry.on('end', () => files.push([entry.path, hash.digest('hex')]))
    },
  })
  const ended = once(parser, 'end')
  parser.end(Buffer.from(archive))
  await ended
  return files
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
