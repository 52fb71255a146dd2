import type { Bootstrap } from '../../../clusters/session.ts'
import type { NewestSnapshot, SnapshotReport } from '../../../domain/snapshots.ts'
import type { UninstallArguments } from '../arguments.ts'
import { dataDirOf } from '../observeCluster.ts'
import { keptIn } from './kept.ts'
import type { Left } from './stays.ts'

/** What goes with a cluster, in one sentence for people: its data, and whether a snapshot of it survives. */
export function lossOf(
  stage: UninstallArguments,
  bootstrap: Bootstrap,
  snapshots: SnapshotReport,
  left: readonly Left[],
): string {
  const going = stage.nodes.length - left.length
  const names = left.map(({ hostname }) => hostname).join(', ')
  const but = left.length === 0 ? '' : `; ${names} ${left.length === 1 ? 'keeps' : 'keep'} what lies there`
  const what =
    going === 0
      ? `no machine is cleaned${but}. The tokens of the cluster and its kubeconfig are deleted here`
      : `all data goes with ${going === 1 ? (left.length === 0 ? 'its machine' : 'one machine') : `its ${going} machines`}: etcd with every object of the cluster, and what pods keep on local disks${but}`
  return `${what}. ${snapshotOf(stage, bootstrap, snapshots)}`
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
