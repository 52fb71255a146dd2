import type { FindingName } from '../findingCatalogue.ts'
import { nearest } from './nearest.ts'
import type { Path } from './plainTree.ts'
import type { FileShape } from './shape.ts'
import { shown } from './shown.ts'

/** A key that no schema knows at its place: what was probably meant, and where that belongs. */
export interface UnknownKey {
  readonly name: FindingName
  readonly path: Path
  readonly atKey: true
  readonly message: string
  readonly remedy: string
}

/** A password of an SSH login or of sudo, in the words of others as well: ansible_become_password, ssh_pass. */
const password = /^(?:ansible_|ssh_|sudo_|become_|login_|user_)*(?:pass|passwd|password|passphrase)$/
const inPlaceOfPassword =
  'Remove it. Slipway logs in with a key: `key_file: ./id_ed25519`, or one of the SSH agent. The password of sudo goes into a file: `sudo_password_file: ./sudo-password`.'

export function unknownKey({ format, knownKeys }: FileShape, key: string, path: Path): UnknownKey {
  const finding = (message: string, remedy: string): UnknownKey => ({
    name: 'unknown-key',
    path: [...path, key],
    atKey: true,
    message,
    remedy,
  })
  const known = knownKeys(path)
  const guess = nearest(key, known)
  const special = format.unknownKey(key, path, guess)
  if (special) return finding(special.message, special.remedy)
  const [root] = path
  if ((root === undefined || root === 'spec') && password.test(key))
    return finding(`unknown key ${shown(key)}`, inPlaceOfPassword)
  const message = `unknown key ${shown(key)}${guess ? `; did you mean ${guess}?` : ''}`
  if (guess && known.length > 12) return finding(message, `Write ${guess}, or remove the key.`)
  return finding(message, known.length > 0 ? `Allowed here: ${known.join(', ')}.` : 'Remove it.')
}
