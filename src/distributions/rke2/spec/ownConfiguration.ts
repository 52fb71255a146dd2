import type { Told } from '../../../domain/clusterFile/format.ts'
import { clusterVars } from './config.ts'
import { ownKeys } from './ownKeys.ts'
import { holdsSecret } from './secretKeys.ts'

const configKeys = new Set([...Object.keys(clusterVars.shape), ...ownKeys])

/** Of a file with these keys that is RKE2's own config.yaml; null: it is not. */
export function ownConfiguration(keys: readonly string[]): Told | null {
  if (!keys.some(key => configKeys.has(key.replace(/\+$/, '')))) return null
  const secret = keys.some(key => holdsSecret(key) && !ownKeys.has(key))
  return {
    message: 'this looks like the configuration of RKE2 itself (config.yaml), not like a cluster file',
    remedy: `Begin a cluster file with \`slipway init\`, and write these keys below spec.cluster_vars. Leave out what Slipway sets itself (server, token, node-name, node-ip: the machines stand in spec.nodes, a token in spec.token_file)${
      secret ? '; keys whose value is secret go under spec.secret_files' : ''
    }.`,
  }
}
