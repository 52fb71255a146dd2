import { noKubeconfig } from '../../domain/noKubeconfig.ts'
import {
  type ClusterRecord,
  clusterSecretPurpose,
  listClusters,
  readCluster,
  readClusterSecret,
  readDesiredState,
} from '../../store/clusters.ts'
import { listNodes } from '../../store/nodes.ts'
import { listRuns } from '../../store/runs.ts'
import type { Application } from '../application.ts'
import { page } from '../http/page.ts'
import { countStandings, inLifeOrder, lastCompleted } from '../nodes/standing.ts'
import { isExecuted } from '../runs/executed.ts'
import type { ClusterDetail, ClusterSummary } from '../../contract/clusters.ts'
import { clusterSubject } from '../../domain/subject.ts'
import type { PageQuery } from '../../contract/page.ts'

/** Ordered by name. */
export async function listClusterSummaries({ store }: Application, { after, limit }: PageQuery) {
  const clusters = await listClusters(store.database, { limit: limit + 1, ...(after !== undefined && { after }) })
  const summaries = await Promise.all(
    clusters.map(async (cluster): Promise<ClusterSummary> => {
      const { name, node_counts, behind } = cluster
      const [last_run, last_seen] = await Promise.all([
        lastRun(store.database, name),
        lastCompleted(store.database, name),
      ])
      return { ...shown(cluster), node_counts: inLifeOrder(node_counts), last_seen, behind: [...behind], last_run }
    }),
  )
  return page(summaries, limit, cluster => cluster.name)
}

/** @throws SlipwayError `not-found`, `stored-state-refused`. */
export async function showCluster({ store, distributions }: Application, name: string): Promise<ClusterDetail> {
  const { database } = store
  const [cluster, nodes, desired, last_run, last_seen] = await Promise.all([
    readCluster(database, name),
    listNodes(database, name),
    readDesiredState(database, name),
    lastRun(database, name),
    lastCompleted(database, name),
  ])
  const node_counts = countStandings(nodes)
  const behind = nodes.filter(node => node.behind !== null).map(({ hostname }) => hostname)
  return { ...shown(cluster), node_counts, last_seen, behind, last_run, spec: distributions.read(desired).spec }
}

/** In clear. @throws SlipwayError `not-found` when there is no such cluster, or no kubeconfig yet. */
export async function readKubeconfig({ store, sealer }: Application, name: string): Promise<string> {
  const sealed = await readClusterSecret(store.database, name, 'kubeconfig')
  if (sealed === null) throw noKubeconfig(name)
  return sealer.open(clusterSecretPurpose(name, 'kubeconfig'), sealed)
}

async function lastRun(database: Application['store']['database'], cluster: string) {
  const [run] = await listRuns(database, { subject: clusterSubject(cluster), limit: 1 })
  if (!run) return null
  const { id, status, superseded_by, created } = run
  return { id, status, executed: await isExecuted(database, run), superseded_by, created }
}

const shown = (cluster: ClusterRecord) => ({
  name: cluster.name,
  type: cluster.type,
  distribution: cluster.distribution,
  version: cluster.version,
  installation_stage: cluster.installation_stage,
  api_endpoint: cluster.api_endpoint,
  desired_version: cluster.desired_version,
  bootstrap: cluster.bootstrap.state,
  created: cluster.created,
  updated: cluster.updated,
})
