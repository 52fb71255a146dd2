import { SlipwayError } from '../../domain/errors.ts'
import { isReady, readyCondition } from '../../kubernetes/nodeStanding.ts'
import type { Node } from '../../kubernetes/resources.ts'
import type { ClusterArguments } from './arguments.ts'
import { reached, type SeenHost } from './observeCluster.ts'

/** What the API does not show yet of the nodes that are wanted, in words; null when nothing is missing. Pure. */
export function missingNodes(nodes: readonly Node[], cluster: ClusterArguments): string | null {
  const byName = new Map(nodes.map(node => [node.metadata.name, node]))
  const missing = cluster.nodes.flatMap(({ hostname }) => {
    const node = byName.get(hostname)
    if (!node) return [`${hostname} is not there`]
    const version = node.status?.nodeInfo?.kubeletVersion
    if (version !== `v${cluster.version}`)
      return [`${hostname} runs ${version ?? 'no version'} and not v${cluster.version}`]
    return isReady(node) ? [] : [`${hostname} is not ready${toldBy(node)}`]
  })
  return missing.length === 0
    ? null
    : missing.slice(0, 5).join('; ') + (missing.length > 5 ? ` (${missing.length})` : '')
}

function toldBy(node: Node): string {
  const message = readyCondition(node)?.message
  return message ? ` (${message.slice(0, 200)})` : ''
}

/** By what a cluster is known. */
export interface Identity {
  readonly ca_hash: string
  readonly etcd_cluster: string
}

/**
 * That the machines are one cluster, and that etcd has the members that it is to have, by name. Pure.
 * @param names `etcd1` by hostname.
 * @throws SlipwayError `service-failed` that says what differs, `wrong-cluster` for several CAs.
 */
export function provenIdentity(hosts: readonly SeenHost[], names: ReadonlyMap<string, string>): Identity {
  const lost = hosts.find(({ error }) => error !== null)
  if (lost?.error) throw lost.error
  const all = reached(hosts)
  const authorities = new Set(all.map(({ facts }) => facts.kubernetes.ca_hash))
  const [ca_hash, ...others] = authorities
  if (ca_hash === undefined || ca_hash === null || others.length > 0)
    throw new SlipwayError(
      'wrong-cluster',
      'the nodes do not all have the same CA: they are several clusters, or some are none',
    )
  const members = all.filter(({ node }) => names.has(node.hostname))
  const wanted = [...names.values()].toSorted()
  const ids = members.map(({ node, facts: { etcd } }) => {
    const { hostname } = node
    if (!etcd.told) throw failed(`the etcd of ${hostname} does not answer`)
    if (etcd.name !== names.get(hostname))
      throw failed(`the member of etcd on ${hostname} is called ${etcd.name}, and ${names.get(hostname)} on record`)
    const found = etcd.told.members.map(({ name }) => name).toSorted()
    if (found.join() !== wanted.join())
      throw failed(`for ${hostname} etcd has the members ${found.join(', ')}, and not ${wanted.join(', ')}`)
    const weak = etcd.told.members.filter(({ learner, healthy }) => learner || !healthy)
    if (weak.length > 0)
      throw failed(
        `members of etcd do not answer ${hostname}, or do not vote: ${weak.map(({ name }) => name).join(', ')}`,
      )
    return etcd.told.cluster_id
  })
  const [etcd_cluster, ...more] = new Set(ids)
  if (etcd_cluster === undefined || more.length > 0) throw failed('the members of etcd are not of one cluster')
  return { ca_hash, etcd_cluster }
}

const failed = (message: string): SlipwayError =>
  new SlipwayError('service-failed', message, {
    remedy: 'Look at etcd there (journalctl -u etcd), and apply again: Kubespray’s cluster.yml is run anew.',
  })
