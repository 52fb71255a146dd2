import { z } from 'zod'
import { clusterName } from '../../domain/names.ts'
import { type KubespraySpec, kubesprayNode, kubespraySpec } from './spec/spec.ts'

/** How a node is reached is read anew at each start, so that a fixed login helps a resume. */
const nodeArguments = kubesprayNode.omit({ ssh: true, machine: true })

/**
 * What a stage is given and stored with: the desired state that it was planned for, so that a resumed run does what was
 * planned. Secrets are not in it.
 */
export const stageArguments = z.strictObject({
  cluster: kubespraySpec
    .omit({ ssh: true, machines: true, platform: true })
    .required({ kubespray: true })
    .extend({
      name: clusterName,
      nodes: z.array(nodeArguments).min(1),
    }),
  /** Names of warnings that the user accepted. */
  accepted: z.array(z.string()),
})
export type StageArguments = z.infer<typeof stageArguments>
export type ClusterArguments = StageArguments['cluster']
export type NodeArguments = z.infer<typeof nodeArguments>

export function argumentsFor(name: string, spec: KubespraySpec, accepted: readonly string[]): StageArguments {
  const { ssh: _ssh, machines: _machines, platform: _platform, nodes, ...rest } = spec
  return stageArguments.parse({
    cluster: { ...rest, name, nodes: nodes.map(({ ssh: _own, machine: _machine, ...node }) => node) },
    accepted: [...accepted],
  })
}

/** The server that is Kubespray's delegate for nearly everything: the first of its group. */
export function firstServer({ nodes }: Pick<ClusterArguments, 'nodes'>): NodeArguments {
  const first = nodes.find(({ role }) => role === 'initial_master')
  if (!first) throw new TypeError('a cluster without a first server passed its rules')
  return first
}

/** As Kubespray is to have them: the first server at the head of its groups, whatever the file's order. */
export const inOrder = ({ nodes }: Pick<ClusterArguments, 'nodes'>): NodeArguments[] => [
  ...nodes.filter(({ role }) => role === 'initial_master'),
  ...nodes.filter(({ role }) => role !== 'initial_master'),
]
