import { acceptanceOfAbsence } from '../../domain/acceptance.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'

/**
 * A host under another CA than the recorded one that belongs to the recorded cluster all the same, as after its operator
 * has rotated the CA: a server, where all servers prove it; an agent that is ours and that the cluster knows, since it
 * hears of a new CA at a restart only. null: nothing proves it.
 * @param difference the two hashes, for people
 */
export function rotatedAuthorityOf(
  { node, facts }: ReachedHost,
  observed: ObservedCluster,
  difference: string,
): Unmet | null {
  const found = (message: string, remedy: string): Unmet => ({
    name: 'ca-rotated',
    severity: 'warning',
    about: `node ${node.hostname}`,
    message: `${message} (${difference})`,
    remedy,
  })
  if (observed.rotated !== null && facts.data.ca_hash === observed.rotated)
    return found(
      'the cluster has another CA than the recorded one, as after `rke2 certificate rotate-ca`; its etcd and all its members are the recorded ones',
      'If you have rotated it, accept it with --accept ca-rotated: it is put on record, and every node is told of it by a restart.',
    )
  if (node.role !== 'worker' || observed.members?.has(node.hostname) !== true) return null
  if (facts.fence?.installation !== observed.installation) return null
  return found(
    'it is an agent of the cluster that has not heard of the recorded CA',
    'If the CA was rotated, accept it with --accept ca-rotated: the agent is told of it by a restart. Else uninstall RKE2 there: rke2-uninstall.sh.',
  )
}

/** What to do about a server whose etcd is the recorded one, where not all servers say the same of the CA. */
export function otherCaRemedy({ node, facts }: ReachedHost, { servers, bootstrap }: ObservedCluster): string {
  const others = servers.filter(other => other.node.hostname !== node.hostname)
  const names = (which: (other: (typeof others)[number]) => boolean) =>
    others.filter(which).map(other => other.node.hostname)
  const behind = names(
    other => other.facts?.data.etcd_member === true && other.facts.data.ca_hash !== facts.data.ca_hash,
  )
  const silent = names(
    other =>
      other.facts?.data.etcd_member === true &&
      other.facts.data.ca_hash === facts.data.ca_hash &&
      other.facts.cluster?.etcd?.cluster_id !== bootstrap.etcd_cluster,
  )
  const unseen = names(other => other.facts === null)
  const steps = [
    // Which of them is behind no hash tells; a restart brings each the CA that the cluster has.
    behind.length > 0 &&
      `restart rke2-server on ${[node.hostname, ...behind].join(', ')}, one after the other, so that all have the same CA`,
    silent.length > 0 && `let rke2-server answer on ${silent.join(', ')}`,
    unseen.length > 0 &&
      `bring back ${unseen.join(', ')}, which could not be asked, or leave out what is lost: ${unseen.map(name => `--accept ${acceptanceOfAbsence(name)}`).join(' ')}`,
    'plan again: once all servers agree it can be accepted with --accept ca-rotated',
  ].filter(step => step !== false)
  return `Leave its data where it is. If you have rotated the CA (rke2 certificate rotate-ca): ${steps.join('; then ')}. If not, compare ${facts.data.path}/server/tls/server-ca.crt on ${node.hostname} with that of the other servers, and put the cluster’s own file back where it was changed.`
}
