import { isServer } from '../../../domain/cluster.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import type { Unmet } from '../../../engine/contract/stage.ts'
import type { ClusterArguments, NodeArguments } from '../arguments.ts'
import type { ReachedHost } from '../observedHost.ts'
import { fileKeys } from '../spec/rules/ownFiles.ts'
import { addOnOf } from './manifestNames.ts'

/** RKE2 makes these itself where they are not there. */
const made: ReadonlySet<string> = new Set(['/etc/rancher/rke2/audit-policy.yaml', '/etc/rancher/rke2/rke2-pss.yaml'])

/** Files on the machine that the configuration of a node names and that Slipway does not bring. */
export function namedFiles(
  { role, node_vars }: Pick<NodeArguments, 'role' | 'node_vars'>,
  { cluster_vars }: Pick<ClusterArguments, 'cluster_vars'>,
): string[] {
  if (!isServer({ role })) return []
  const vars = { ...cluster_vars, ...node_vars }
  return Object.values(fileKeys).flatMap(key => {
    const path = vars[key]
    return path === undefined || made.has(path) ? [] : [path]
  })
}

/** What lies on a machine, or does not, in the way of the user's own files. */
export function ownFileFindings({ node, facts: { own_files } }: ReachedHost, cluster: ClusterArguments): Unmet[] {
  const about = `node ${node.hostname}`
  const error = (name: 'file-not-there' | 'manifest-taken', message: string, remedy: string): Unmet => ({
    name,
    severity: 'error',
    about,
    message,
    remedy,
  })
  const wanted = new Map(isServer(node) ? (cluster.manifests ?? []).map(file => [addOnOf(file), file]) : [])
  return [
    ...own_files.missing.map(path =>
      error(
        'file-not-there',
        `its configuration names ${path}, which is not on it`,
        `Put the file there, or let the cluster file bring it: spec.files.`,
      ),
    ),
    ...own_files.manifests.flatMap(path => {
      const file = wanted.get(addOnOf(path))
      if (file === undefined) return []
      return error(
        'manifest-taken',
        `${path} lies there, and would be the same AddOn to RKE2 as ${file}: ${addOnOf(path)}`,
        `On each server: rm ${shellWord(path)} (what it made stays in the cluster); or call ${file} otherwise.`,
      )
    }),
  ]
}
