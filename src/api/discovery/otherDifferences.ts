import type { Difference } from '../../contract/discovery.ts'
import type { FoundCluster } from '../../distributions/discovery/foundCluster.ts'
import { isIdentified } from '../../domain/recordedCluster.ts'
import { readKubeconfig } from '../../kubernetes/kubeconfig.ts'
import type { Known } from './readKnown.ts'

/** What would be another on record beside the desired state and the nodes: said without any secret. Pure. */
export function otherDifferences(known: Known, found: FoundCluster): Difference[] {
  const { server } = found
  const ofCluster: (string | false)[] = [
    server !== null && !isIdentified(known) && 'its tokens and who it is were read on a server',
    server !== null && isIdentified(known) && known.token !== server.token && 'token: another one',
    server !== null &&
      known.ca_hash !== null &&
      known.ca_hash !== server.ca_hash &&
      `CA: ${short(known.ca_hash)} → ${short(server.ca_hash)}`,
    server !== null &&
      known.etcd_cluster !== null &&
      known.etcd_cluster !== server.etcd_cluster &&
      `etcd: ${known.etcd_cluster} → ${server.etcd_cluster}, as after a snapshot was restored`,
    !isSameAccess(known.kubeconfig, found.kubeconfig) && 'kubeconfig: another address or login',
    Object.entries(found.files).some(([path, text]) => known.files[path] !== text) &&
      'login to its machines: another key or password',
  ]
  const adopted = [...found.adopted].flatMap(([hostname, { file, meaning }]): Difference[] => {
    const before = known.adopted.get(hostname)
    if (before?.file === file && before.meaning === meaning) return []
    return [
      { kind: 'changed', about: `node ${hostname}`, message: 'its configuration was read, and may stay as it is' },
    ]
  })
  return [
    ...ofCluster.flatMap((message): Difference[] => (message ? [{ kind: 'changed', about: 'cluster', message }] : [])),
    ...adopted,
  ]
}

const short = (hash: string): string => hash.slice(0, 12)

function isSameAccess(before: string | null, after: string): boolean {
  if (before === null) return false
  try {
    return JSON.stringify(readKubeconfig(before)) === JSON.stringify(readKubeconfig(after))
  } catch {
    // One that has expired since is as good as none.
    return false
  }
}
