import { acceptedAbsences } from '../../domain/acceptance.ts'
import { type ObservedHost, reached, type ReachedHost } from './observedHost.ts'
import { areOneCluster, listsDataOf, memberOf } from './membership.ts'
import type { Bootstrap } from '../../clusters/session.ts'

/** What the record says of the cluster, and what the servers say where it says nothing, or something else. */
export interface Identity {
  /** The record as this plan or run goes by it. */
  readonly bootstrap: Bootstrap
  /** An id of the etcd cluster that is not on record and belongs there. */
  readonly unrecorded: string | null
  /** A hash of the cluster's CA that is not on record and belongs there, in the place of the recorded one. */
  readonly unrecorded_ca: string | null
  /** Another id than the recorded one, on which all servers with data agree that are not left out by name: as after a restore. */
  readonly restored: string | null
  /** Another CA than the recorded one, under which all servers are the recorded cluster: as after it was rotated. */
  readonly rotated: string | null
}

export function identityOf(
  servers: readonly ObservedHost[],
  bootstrap: Bootstrap,
  accepted: readonly string[],
): Identity {
  const known = { bootstrap, unrecorded: null, unrecorded_ca: null, restored: null, rotated: null }
  if (bootstrap.state !== 'done') return known
  const absences = acceptedAbsences(accepted)
  const rotated = rotatedAuthority(servers, bootstrap, absences)
  if (rotated !== null)
    return accepted.includes('ca-rotated')
      ? { ...known, bootstrap: { ...bootstrap, ca_hash: rotated }, unrecorded_ca: rotated }
      : { ...known, rotated }
  const own = reached(servers).filter(({ facts }) => facts.data.ca_hash === bootstrap.ca_hash)
  const ids = new Set(own.flatMap(({ facts }) => facts.cluster?.etcd?.cluster_id ?? []))
  const [id] = ids
  if (id === undefined || ids.size > 1 || id === bootstrap.etcd_cluster) return known
  const settled = { ...known, bootstrap: { ...bootstrap, etcd_cluster: id }, unrecorded: id }
  if (bootstrap.etcd_cluster === null) return settled
  if (!allSay(servers, absences)) return known
  return accepted.includes('cluster-restored') ? settled : { ...known, restored: id }
}

/** Whether each server that holds data of etcd says whose it is; only those that are left out by name need not be asked. */
const allSay = (servers: readonly ObservedHost[], absences: ReadonlySet<string>): boolean =>
  servers.every(({ node, facts }) =>
    facts ? !facts.data.etcd_member || facts.cluster?.etcd : absences.has(node.hostname),
  )

/**
 * The CA of a cluster whose CA was rotated by its operator. The CA alone tells nothing then: it is the recorded cluster
 * where all servers have the same other one, each runs the recorded etcd with its own data, all know each other, and
 * none of the members is a stranger to the file.
 */
function rotatedAuthority(
  servers: readonly ObservedHost[],
  { ca_hash, etcd_cluster }: Bootstrap,
  absences: ReadonlySet<string>,
): string | null {
  if (ca_hash === null || etcd_cluster === null || !allSay(servers, absences)) return null
  const holders = reached(servers).filter(({ facts }) => facts.data.etcd_member)
  const [authority, ...others] = new Set(holders.map(({ facts }) => facts.data.ca_hash))
  if (authority === undefined || authority === null || authority === ca_hash || others.length > 0) return null
  const isOfOne = (host: ReachedHost): boolean => {
    const own = host.facts.cluster?.etcd
    if (!own || own.cluster_id !== etcd_cluster || !listsDataOf(own, host)) return false
    const known = new Set(servers.map(({ node }) => memberOf(own, node)?.id))
    return (
      own.members.every(({ id }) => known.has(id)) &&
      holders.every(({ facts: { cluster } }) => cluster?.etcd && areOneCluster(own, cluster.etcd))
    )
  }
  return holders.every(isOfOne) ? authority : null
}
