import type { Rke2Node, Rke2Spec } from './spec/spec.ts'
import { SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import type { ServerSnapshots, SnapshotReport } from '../../domain/snapshots.ts'
import { snapshotsIn } from './host/snapshots.ts'
import { dataDirOf } from './observeCluster.ts'
import type { Rke2Session } from './session.ts'
import { judgeSnapshots, type SnapshotSettings } from './snapshotJudgement.ts'

/** RKE2's own, where the cluster file says nothing. */
const usualSchedule = '0 */12 * * *'

/** ms for each server, from dialling it to its answer; all are asked at once. */
const patience = 8000

/** What a server's config.yaml says; a node's own keys count before the cluster's. */
export function snapshotSettings(
  spec: Pick<Rke2Spec, 'cluster_vars'>,
  node: Pick<Rke2Node, 'node_vars'>,
): SnapshotSettings {
  const settings = { ...spec.cluster_vars, ...node.node_vars }
  const usualFolder = `${dataDirOf({ cluster: spec })}/server/db/snapshots`
  const folder = settings['etcd-snapshot-dir'] ?? usualFolder
  return {
    off: settings['etcd-disable-snapshots'] ?? false,
    schedule: settings['etcd-snapshot-schedule-cron'] ?? usualSchedule,
    folder,
    made_by_rke2: folder === usualFolder,
  }
}

/**
 * Looks for etcd's snapshots on these servers of a stored cluster, at all of them at once. One that cannot be reached is
 * told with its error and hides none of the others.
 * @param hostnames servers that are installed.
 */
export async function findSnapshots(
  session: Pick<Rke2Session, 'hosts'>,
  spec: Pick<Rke2Spec, 'cluster_vars' | 'nodes'>,
  hostnames: readonly string[],
  signal: AbortSignal,
): Promise<SnapshotReport> {
  const nodes = spec.nodes.filter(node => hostnames.includes(node.hostname))
  const looks = await Promise.all(
    nodes.map(async ({ hostname, node_vars }) => {
      const settings = snapshotSettings(spec, node_vars === undefined ? {} : { node_vars })
      return { settings, seen: await askServer(session, hostname, settings.folder, signal) }
    }),
  )
  return {
    off: looks.length > 0 && looks.every(({ settings }) => settings.off),
    servers: looks.map(({ seen }) => seen),
    ...judgeSnapshots(looks),
  }
}

async function askServer(
  session: Pick<Rke2Session, 'hosts'>,
  hostname: string,
  folder: string,
  signal: AbortSignal,
): Promise<ServerSnapshots> {
  const late = AbortSignal.timeout(patience)
  try {
    const access = await session.hosts()
    const seen = await snapshotsIn(access, hostname, folder, AbortSignal.any([signal, late]))
    return { hostname, folder, ...seen, error: null }
  } catch (error) {
    signal.throwIfAborted()
    const { code, message, remedy } = late.aborted ? noAnswer(hostname) : toSlipwayError(error)
    return { hostname, folder, folder_state: null, newest: null, count: 0, error: { code, message, remedy } }
  }
}

const noAnswer = (hostname: string): SlipwayError =>
  new SlipwayError('host-unreachable', `${hostname} has not answered within ${patience / 1000} s`)
