import { readFileSync } from 'node:fs'
import { isRecord, text } from './json.ts'

/** What the tarball was packed as: a file beside the sources, written by `pack`. */
function packed() {
  const content: unknown = JSON.parse(readFileSync(new URL('./release.json', import.meta.url), 'utf8'))
  if (!isRecord(content)) throw new Error('release.json is not an object')
  return {
    version: text(content.version) ?? 'unknown',
    /** A release that starts and never becomes ready. */
    broken: content.broken === true,
  }
}

export const { version, broken } = packed()
