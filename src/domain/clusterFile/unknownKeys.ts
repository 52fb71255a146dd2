import type { FindingName } from '../findingCatalogue.ts'
import { ownKeyRefused, ownKeys, secretRefused } from '../ownKeys.ts'
import { clusterOnlyKeys, clusterVars } from '../rke2Config.ts'
import { holdsSecret } from '../secretKeys.ts'
import { knownKeys } from './allowed.ts'
import { nearest } from './nearest.ts'
import type { Path } from './plainTree.ts'
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

export function unknownKey(key: string, path: Path): UnknownKey {
  const finding = (message: string, remedy: string): UnknownKey => ({
    name: 'unknown-key',
    path: [...path, key],
    atKey: true,
    message,
    remedy,
  })
  const inVars = path.at(-1) === 'cluster_vars' || path.at(-1) === 'node_vars'
  const special = inVars ? ofVars(key, path) : elsewhere(key, path)
  if (special) return finding(special.message, special.remedy)
  const known = knownKeys(path)
  const guess = nearest(key, known)
  const message = `unknown key ${shown(key)}${guess ? `; did you mean ${guess}?` : ''}`
  if (inVars && !guess) return finding(message, 'A key of RKE2 that Slipway does not know goes under `extra`.')
  if (guess && known.length > 12) return finding(message, `Write ${guess}, or remove the key.`)
  return finding(message, known.length > 0 ? `Allowed here: ${known.join(', ')}.` : 'Remove it.')
}

interface Told {
  readonly message: string
  readonly remedy: string
}

/** `KEY+` as well: what it adds to is no other key. */
function ofVars(written: string, path: Path): Told | null {
  const key = written.replace(/\+$/, '')
  if (ownKeys.has(key)) return ownKeyRefused(key)
  if (holdsSecret(key)) return secretRefused(key)
  if (path.at(-1) === 'node_vars' && clusterOnlyKeys.has(key))
    return { message: `the key ${key} must be equal on all servers`, remedy: `Write ${key} in spec.cluster_vars.` }
  return null
}

function elsewhere(key: string, path: Path): Told | null {
  const message = `unknown key ${shown(key)}`
  const [root, field, section] = path
  if (root === 'spec' && field === 'registries' && section === 'configs' && /^(?:auth|username|password)$/.test(key))
    return {
      message: `${message}: the login of a registry stands in a file of its own`,
      remedy:
        'Write two lines into a file, `username: NAME` and `password: PASSWORD`, and name it here: `auth_file: ./registry-login`.',
    }
  if ((root === undefined || root === 'spec') && password.test(key)) return { message, remedy: inPlaceOfPassword }
  const atNode = field === 'nodes' && path.length === 3
  if (path.length > 1 && !atNode) return null
  if (root !== undefined && root !== 'spec') return null
  if (ownKeys.has(key)) return { message: `${message}: it is one of RKE2's own`, remedy: ownKeyRefused(key).remedy }
  if (key.includes('-') && holdsSecret(key)) return secretRefused(key)
  if (Object.hasOwn(clusterVars.shape, key))
    return {
      message: `${message}: it is one of RKE2's own`,
      remedy: atNode && !clusterOnlyKeys.has(key) ? `Write ${key} in node_vars.` : `Write ${key} in spec.cluster_vars.`,
    }
  return null
}
