import { acceptedAbsences, acceptedToStay } from '../../../domain/acceptance.ts'
import type { Bootstrap } from '../../../clusters/session.ts'
import type { StageContext, Unmet } from '../../../engine/contract/stage.ts'
import type { UninstallArguments } from '../arguments.ts'
import { observeNodes } from '../observeCluster.ts'
import type { Rke2Session } from '../session.ts'
import { claimOn } from './claim.ts'

/** A machine that stays as it is, as was accepted, while its cluster goes off the record. */
export interface Left {
  readonly hostname: string
  /** Whether data of this very cluster is on it, as its CA or its etcd says; null: nobody could be asked. */
  readonly holds: boolean | null
}

/** Those that were accepted by name are looked at: a word for a machine that can be cleaned changes nothing. */
export async function leftOnes(
  stage: UninstallArguments,
  session: Rke2Session,
  bootstrap: Bootstrap,
  context: StageContext,
): Promise<Left[]> {
  const [away, alone] = [acceptedAbsences(stage.accepted), acceptedToStay(stage.accepted)]
  const { targets } = await session.hosts()
  const known = new Set(targets.map(({ hostname }) => hostname))
  // One that was cleaned and given up in this run is off the record.
  const nodes = stage.nodes.filter(({ hostname }) => known.has(hostname) && (away.has(hostname) || alone.has(hostname)))
  const looks = await observeNodes(session, { ...stage, nodes }, context)
  return looks.flatMap((host): Left[] => {
    const { hostname } = host.node
    if (host.error !== null) return away.has(hostname) ? [{ hostname, holds: null }] : []
    const claim = claimOn(host, session.installation, { name: stage.cluster.name, bootstrap })
    if (claim.kind !== 'left-alone' || !alone.has(hostname)) return []
    const { data, cluster } = host.facts
    const isSame = (found: string | null | undefined, recorded: string | null) =>
      recorded !== null && found === recorded
    const holds = isSame(data.ca_hash, bootstrap.ca_hash) || isSame(cluster?.etcd?.cluster_id, bootstrap.etcd_cluster)
    return [{ hostname, holds }]
  })
}

/** A cluster that is not uninstalled where it runs loses its tokens and its kubeconfig here all the same: that is said. */
export function livesOn({ cluster, nodes, accepted }: UninstallArguments, left: readonly Left[]): Unmet[] {
  if (accepted.includes('cluster-lives-on')) return []
  const servers = nodes.filter(({ role }) => role !== 'worker')
  const staying = left.filter(({ hostname }) => servers.some(server => server.hostname === hostname))
  const proven = staying.filter(({ holds }) => holds === true)
  const doubtful = staying.filter(({ holds }) => holds === null)
  const all = staying.length === servers.length
  if (proven.length === 0 && (doubtful.length === 0 || !all)) return []
  const named = (some: readonly Left[]) => some.map(({ hostname }) => hostname).join(', ')
  const why =
    proven.length > 0
      ? `the data of this very cluster is on ${named(proven)}, left as found: it goes on there`
      : `none of its servers is uninstalled, and nobody could look at ${named(doubtful)}: it may go on there`
  return [
    {
      name: 'cluster-lives-on',
      severity: 'warning',
      about: `cluster ${cluster.name}`,
      message: `${why}. Its tokens and its kubeconfig are deleted here`,
      remedy: `Save the kubeconfig first: slipway kubeconfig ${cluster.name} > ${cluster.name}.kubeconfig. Then accept it: --accept cluster-lives-on.`,
    },
  ]
}
