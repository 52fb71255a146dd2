import type { StageContext, Unmet } from '../../engine/contract/stage.ts'
import { type FolderState, folderOn } from '../../hosts/folder.ts'
import type { ClusterArguments, NodeArguments } from './arguments.ts'
import type { ReachedHost } from './observedHost.ts'
import type { Questions } from './lostHosts.ts'
import type { Rke2Session } from './session.ts'

/**
 * Whether each server can have the folder for snapshots that the cluster file names: RKE2 makes none, and Slipway can't
 * make it everywhere. RKE2's own folder needs no question.
 */
export async function snapshotFolderFindings(
  session: Rke2Session,
  cluster: Pick<ClusterArguments, 'cluster_vars'>,
  hosts: readonly ReachedHost[],
  context: StageContext,
  questions: Questions,
): Promise<Unmet[]> {
  const asked = hosts.map(async host => {
    const folder = folderOf(host.node, cluster)
    if (folder === undefined) return []
    const access = await session.hosts()
    const { hostname } = host.node
    const seen = await questions.ask(host, () =>
      context.observations.read(`folder/${hostname}${folder}`, () =>
        folderOn(access, hostname, folder, context.signal),
      ),
    )
    return seen ? folderFaults(hostname, folder, seen) : []
  })
  return (await Promise.all(asked)).flat()
}

function folderOf(
  { role, node_vars }: Pick<NodeArguments, 'role' | 'node_vars'>,
  { cluster_vars }: Pick<ClusterArguments, 'cluster_vars'>,
): string | undefined {
  return role === 'worker' ? undefined : (node_vars?.['etcd-snapshot-dir'] ?? cluster_vars?.['etcd-snapshot-dir'])
}

const troubles = {
  'no-folder': { is: 'is no folder', fix: (at: string) => `move it away (\`mv ${at} ${at}.moved\`)` },
  dangling: { is: 'is a link that leads nowhere', fix: (at: string) => `make what it leads to, or \`rm ${at}\`` },
  'read-only': { is: 'is on a read-only file system', fix: () => 'mount it writable' },
  unreadable: { is: 'cannot be read, not even by root', fix: () => 'check the disk or the network drive' },
} as const

export function folderFaults(hostname: string, folder: string, { state, at }: FolderState): Unmet[] {
  if (state === 'usable') return []
  const { is, fix } = troubles[state]
  return [
    {
      name: 'snapshot-folder-unusable',
      severity: 'error',
      about: `node ${hostname}`,
      message: `${at} ${is}: etcd-snapshot-dir (${folder}) cannot be written to, and RKE2 would take no snapshot, without a word`,
      remedy: `On the host: ${fix(at)}. Or name another folder in etcd-snapshot-dir.`,
    },
  ]
}
