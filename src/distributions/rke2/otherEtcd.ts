import { acceptanceOfAbsence, acceptedAbsences } from '../../domain/acceptance.ts'
import { defaultDataDir } from './host/dataDir.ts'
import type { HostFacts } from './host/facts.ts'
import type { ObservedHost, ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'

/**
 * What to do about a server under the recorded CA whose etcd is not the recorded one. It may have been restored from a
 * snapshot and hold the only good copy: only where another server answers for the cluster may its own data go.
 */
export function otherEtcdRemedy(
  { node, facts }: ReachedHost,
  observed: ObservedCluster,
  accepted: readonly string[],
): string {
  const others = observed.servers.filter(other => other.node.hostname !== node.hostname)
  const unseen = unseenServers(others, acceptedAbsences(accepted)).map(other => other.node.hostname)
  const olds = others.flatMap(other => (other.facts && holdsOther(other.facts, facts) ? [other.node.hostname] : []))
  const steps = [
    unseen.length > 0 &&
      `bring back ${unseen.join(', ')}, which could not be asked, or leave out what is lost: ${unseen.map(name => `--accept ${acceptanceOfAbsence(name)}`).join(' ')}`,
    olds.length > 0 && `delete the data of the time before on ${olds.join(', ')}, as root: ${deletion(facts)}`,
    'accept it with --accept cluster-restored',
  ].filter(step => step !== false)
  const speaks = observed.authority !== null && observed.authority.hostname !== node.hostname
  const joins = `If its data is not needed, delete it on ${node.hostname}, as root: ${deletion(facts)}. Then apply again: it joins ${observed.authority?.hostname}.`
  return `${speaks ? `${joins} ` : ''}If a snapshot was restored on ${node.hostname}, keep its data: ${steps.join('; then ')}.`
}

/** Servers that nobody has looked at, and whose absence was not accepted. */
const unseenServers = (servers: readonly ObservedHost[], absences: ReadonlySet<string>): ObservedHost[] =>
  servers.filter(({ node, facts }) => facts === null && !absences.has(node.hostname))

/**
 * The command that takes a member's data away, and leaves what it needs to join again. An etcd outlives the stop of its
 * service: one that still runs would go on with the files that it has open, so all of it is ended first.
 */
export const deletion = ({ data, release }: Pick<HostFacts, 'data' | 'release'>): string => {
  const folder = data.path === defaultDataDir ? '' : `RKE2_DATA_DIR=${data.path} `
  return `${folder}${release.prefix ?? '/usr/local'}/bin/rke2-killall.sh; rm -r ${data.path}/server/db`
}

const holdsOther = (other: HostFacts, own: HostFacts): boolean =>
  other.data.etcd_member && other.cluster?.etcd?.cluster_id !== own.cluster?.etcd?.cluster_id
