import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import { Parser } from 'tar'

/** Bytes unpacked; Helm's own limit is 100 MiB. */
const mostUnpacked = 100 * 1024 * 1024

/** A file of a packed chart. */
export interface ArchiveFile {
  /** As it stands in the archive, below the folder of the chart: `web/templates/web.yaml`. */
  readonly path: string
  readonly contents: Buffer
}

/** The files of a packed chart, in its order. @throws when it is no archive, or too large. */
export async function archiveFiles(packed: Uint8Array): Promise<ArchiveFile[]> {
  const archive = gunzipSync(packed, { maxOutputLength: mostUnpacked })
  const files: ArchiveFile[] = []
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      const parts: Buffer[] = []
      entry.on('data', (part: Buffer) => parts.push(part))
      entry.on('end', () => files.push({ path: entry.path, contents: Buffer.concat(parts) }))
    },
  })
  const ended = once(parser, 'end')
  parser.end(archive)
  await ended
  return files
}
