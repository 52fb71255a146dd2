import type { Scale } from '../../contract/scale.ts'
import { hasEnded } from '../../contract/runs.ts'
import { clusterSubject } from '../../domain/subject.ts'
import { readCluster } from '../../store/clusters.ts'
import { listNodes } from '../../store/nodes.ts'
import { listRuns } from '../../store/runs.ts'
import type { Application } from '../application.ts'
import { shownRun } from '../runs/actions.ts'
import { standingOf } from './standing.ts'

/** How large a cluster is, by its records. @throws SlipwayError `not-found` */
export async function showScale({ store }: Application, cluster: string): Promise<Scale> {
  const { database } = store
  await readCluster(database, cluster)
  const [nodes, [run]] = await Promise.all([
    listNodes(database, cluster),
    listRuns(database, { subject: clusterSubject(cluster), limit: 1 }),
  ])
  const standing = standingOf(nodes)
  const moves = standing.joining.length > 0 || standing.leaving.length > 0
  return { cluster, ...standing, run: moves && run && !hasEnded(run) ? await shownRun(database, run) : null }
}
