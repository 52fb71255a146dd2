import { SlipwayError } from '../../domain/errors.ts'
import type { RecordedCluster } from '../../domain/recordedCluster.ts'
import type { OperationContext, Pipeline } from '../contract.ts'
import type { ClusterSpec } from '../../domain/cluster.ts'

/**
 * Of a cluster of others only its platform is applied: its nodes and its version are what a discovery finds, and a file that
 * says otherwise asks for what nobody here can do.
 * @throws SlipwayError `not-found` for a cluster that is not on record, `cluster-conflict` for one that Slipway has made,
 * `usage` where nodes or the version are to be others.
 */
export function applyPipeline({ cluster, desired, recorded, remove }: OperationContext): Pipeline {
  const { distribution } = desired
  if (!recorded)
    throw new SlipwayError(
      'not-found',
      `there is no cluster ${cluster} on record, and one of ${distribution} is made by others`,
      {
        remedy: `Put it on record first: slipway discover ${cluster} --kubeconfig FILE.`,
      },
    )
  if (!recorded.registered)
    throw new SlipwayError('cluster-conflict', `${cluster} is on record as a cluster that Slipway has made`, {
      remedy: `Give the cluster of the file another name; slipway status ${cluster} shows what is on record.`,
    })
  const others =
    remove === null
      ? differences(desired, recorded, recorded.registered.version)
      : [`${remove.nodes.join(', ')} to leave`]
  if (others.length > 0)
    throw new SlipwayError(
      'usage',
      `nodes and version of a cluster of ${distribution} are those that it has: ${others.join('; ')}`,
      {
        remedy: `Only its platform is applied. Where the cluster has changed, slipway discover ${cluster} puts that on record; slipway export ${cluster} shows what a file has to say.`,
      },
    )
  return { stages: [], findings: [], ready: [] }
}

function differences(desired: ClusterSpec, { nodes }: RecordedCluster, version: string): string[] {
  const recorded = new Map(nodes.filter(({ wanted }) => wanted).map(node => [node.hostname, node]))
  const named = new Set(desired.nodes.map(({ hostname }) => hostname))
  return [
    ...(desired.version === version ? [] : [`${desired.version} in the file, ${version} on record`]),
    ...desired.nodes.flatMap(({ hostname, role, internal_ip }) => {
      const known = recorded.get(hostname)
      if (!known) return [`${hostname} is not on record`]
      if (known.role !== role) return [`${hostname} is ${known.role} on record, and not ${role}`]
      return known.internal_ip === internal_ip
        ? []
        : [`${hostname} is at ${known.internal_ip} on record, and not at ${internal_ip}`]
    }),
    ...[...recorded.keys()].filter(hostname => !named.has(hostname)).map(hostname => `${hostname} is not in the file`),
  ]
}
