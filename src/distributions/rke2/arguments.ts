import { type Rke2Node, rke2Node, rke2Spec } from './spec/spec.ts'
import { z } from 'zod'
import { clusterName } from '../../domain/names.ts'

/**
 * What a stage of an RKE2 cluster is given and stored with: the desired state it was planned for, so that a resumed
 * run does what was planned. Secrets are not in it: they are read from the sealed store when they are needed.
 */
export const clusterArguments = rke2Spec
  .omit({ nodes: true, ssh: true, token_file: true, machines: true })
  .extend({ name: clusterName })

/** A node as a stage needs it; how it is reached is read anew at each start, so that a fixed login helps a resume. */
export const nodeArguments = rke2Node.omit({ ssh: true, machine: true })

const given = z.strictObject({
  cluster: clusterArguments,
  /** The nodes that this stage acts on, in the file's order. */
  nodes: z.array(nodeArguments).min(1),
  /** All servers of the cluster, the initial master first: whom to join, and what the certificate must name. */
  servers: z.array(nodeArguments).min(1),
  /** Names of preflight warnings that the user accepted. */
  accepted: z.array(z.string()),
  /** A node that leaves is desired all the same, and joins anew. */
  returns: z.literal(true).optional(),
})

/** Plans of earlier versions carry the machines of other batches; who those are, the session knows. */
export const stageArguments = given
  .extend({ others: z.array(z.unknown()).optional() })
  .transform(({ others: _others, ...stage }) => stage)

/** Where the whole cluster goes. */
export const uninstallArguments = given.extend({
  /** Snapshots of etcd are left on the servers that have some. */
  keep_snapshots: z.boolean(),
  /** They leave a cluster that stays on record: a machine that is left as it is is off the record as well. */
  leaves: z.literal(true).optional(),
})

/** The node of a desired state, as a stage is given it. */
export const nodeOf = ({ ssh: _ssh, machine: _machine, ...node }: Rke2Node): NodeArguments => nodeArguments.parse(node)

export type ClusterArguments = z.infer<typeof clusterArguments>
export type NodeArguments = z.infer<typeof nodeArguments>
export type StageArguments = z.infer<typeof stageArguments>
export type UninstallArguments = z.infer<typeof uninstallArguments>

/** The node of a stage that acts on one. */
export function only({ nodes }: StageArguments): NodeArguments {
  const [node] = nodes
  if (!node) throw new TypeError('a stage without a node passed its schema')
  return node
}
