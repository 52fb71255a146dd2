import type { Told } from '../../../domain/clusterFile/format.ts'
import type { Path } from '../../../domain/clusterFile/plainTree.ts'
import { shown } from '../../../domain/clusterFile/shown.ts'
import { clusterOnlyKeys, clusterVars } from './config.ts'
import { ownKeyRefused, ownKeys, secretRefused } from './ownKeys.ts'
import { holdsSecret } from './secretKeys.ts'

/** What is to be said of a key that stands where it may not, where it is one that RKE2 has or is taken for one. */
export function unknownKey(key: string, path: Path, guess: string | null): Told | null {
  const inVars = path.at(-1) === 'cluster_vars' || path.at(-1) === 'node_vars'
  if (!inVars) return elsewhere(key, path)
  const told = ofVars(key, path)
  if (told || guess) return told
  return {
    message: `unknown key ${shown(key)}`,
    remedy: 'A key of RKE2 that Slipway does not know goes under `extra`.',
  }
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
