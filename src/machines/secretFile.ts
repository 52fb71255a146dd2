import type { KeyFileKind } from '../domain/clusterFile/keyFiles.ts'
import { refuse, withoutMark } from '../domain/clusterFile/secretLine.ts'

/** A file that holds one secret, as a token, on its first line. */
export const secretFileKind: KeyFileKind = {
  name: 'machine-secret',
  read(contents) {
    const text = withoutMark(contents).trim()
    return /[\r\n]/.test(text)
      ? refuse('key-file-lines', 'it has several lines', 'Keep the secret alone, on the first line.')
      : { ok: true, value: text }
  },
}
