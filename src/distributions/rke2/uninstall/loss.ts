import type { Bootstrap } from '../../../clusters/session.ts'
import type { NewestSnapshot, SnapshotReport } from '../../../domain/snapshots.ts'
import type { UninstallArguments } from '../arguments.ts'
import { dataDirOf } from '../observeCluster.ts'
import { keptIn } from './kept.ts'

/** What goes with a cluster, in one sentence for people: its data, and whether a snapshot of it survives. */
export function lossOf(stage: UninstallArguments, bootstrap: Bootstrap, snapshots: SnapshotReport): string {
  const count = stage.nodes.length === 1 ? 'its machine' : `its ${stage.nodes.length} machines`
  return `all data goes with ${count}: etcd with every object of the cluster, and what pods keep on local disks. ${snapshotOf(stage, bootstrap, snapshots)}`
}

function snapshotOf(stage: UninstallArguments, bootstrap: Bootstrap, { newest, servers }: SnapshotReport): string {
  const unseen = servers.filter(({ folder_state }) => folder_state === null || folder_state === 'unreadable')
  const doubt = unseen.length === 0 ? '' : ` (${unseen.map(({ hostname }) => hostname).join(', ')} could not be asked)`
  if (newest === null) return `No snapshot of etcd was found on the servers${doubt}${elsewhere(stage)}`
  const { name, taken, hostname } = newest
  const at = `The newest snapshot found, ${name} of ${taken}, lies on ${hostname}`
  return `${at}${doubt}, and ${fateOf(stage, bootstrap, newest)}${elsewhere(stage)}`
}

function fateOf(
  stage: UninstallArguments,
  bootstrap: Bootstrap,
  { hostname, folder }: Pick<NewestSnapshot, 'hostname' | 'folder'>,
): string {
  if (!`${folder}/`.startsWith(`${dataDirOf(stage)}/`))
    return `stays there, in ${folder}; the token of the cluster goes`
  return stage.keep_snapshots && folder === `${dataDirOf(stage)}/server/db/snapshots`
    ? `is left on ${hostname} in ${keptIn(stage.cluster.name, bootstrap)}, with the token`
    : 'goes with the others'
}

/** A bucket is not touched. */
const elsewhere = ({ cluster }: UninstallArguments): string =>
  cluster.cluster_vars?.extra?.['etcd-s3'] === true ? '. What lies in S3 stays' : ''
