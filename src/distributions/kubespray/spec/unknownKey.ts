import type { Told } from '../../../domain/clusterFile/format.ts'
import type { Path } from '../../../domain/clusterFile/plainTree.ts'
import { shown } from '../../../domain/clusterFile/shown.ts'

const ofSource = new Set([
  'git',
  'ref',
  'commit',
  'archive',
  'sha256',
  'folder',
  'source',
  'secrets_encryption',
  'secret_vars',
])

/** What is to be said of a key that stands where it may not, where it is one of Kubespray's. */
export function unknownKey(key: string, path: Path, guess: string | null): Told | null {
  const message = `unknown key ${shown(key)}`
  if (path.length !== 1 || path[0] !== 'spec' || guess !== null) return null
  if (ofSource.has(key)) return { message, remedy: 'Write it below spec.kubespray.' }
  return /^(?:kube|etcd|calico|cilium|containerd|download|dns|cluster)_/.test(key)
    ? { message, remedy: `A variable of Kubespray goes below spec.cluster_vars: { ${key}: … }.` }
    : null
}
