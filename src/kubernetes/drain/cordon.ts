import { SlipwayError } from '../../domain/errors.ts'
import { isMoved } from '../apiErrors.ts'
import type { Call } from '../caller.ts'
import type { ClusterClient } from '../client.ts'
import { type Node, nodes } from '../resources.ts'

/** Says that a cordon is ours: one that a person made is left as it is. */
export const mark = 'slipway/cordoned'
/** Kubelet and controllers change a Node all the time. */
const mostTries = 10

type Client = Pick<ClusterClient, 'get' | 'patch'>

/** Lets no new pods come to a node. False when somebody else has done so before. @throws SlipwayError `not-found`. */
export const cordon = (client: Client, node: string, call: Call): Promise<boolean> =>
  changeNode(client, node, call, ({ metadata, spec }) =>
    spec.unschedulable
      ? { isOurs: metadata.annotations?.[mark] !== undefined }
      : { isOurs: true, metadata: { annotations: { [mark]: 'true' } }, spec: { unschedulable: true } },
  )

/** Takes our own cordon back. False when there is none of ours. @throws SlipwayError `not-found`. */
export const uncordon = (client: Client, node: string, call: Call): Promise<boolean> =>
  changeNode(client, node, call, ({ metadata, spec }) =>
    metadata.annotations?.[mark] === undefined
      ? { isOurs: false }
      : {
          isOurs: spec.unschedulable === true,
          metadata: { annotations: { [mark]: null } },
          spec: { unschedulable: null },
        },
  )

interface NodeChange {
  readonly isOurs: boolean
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly spec?: Readonly<Record<string, unknown>>
}

/** Decides by what the Node is, and changes it only where it is still that. */
async function changeNode(
  client: Client,
  name: string,
  call: Call,
  changeOf: (node: Node) => NodeChange,
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    const node = await client.get(nodes, { name }, call)
    if (!node) throw new SlipwayError('not-found', `the cluster has no Node ${name}`, { remedy: 'kubectl get nodes' })
    const { isOurs, metadata, spec } = changeOf(node)
    if (!metadata) return isOurs
    const { resourceVersion } = node.metadata
    try {
      await client.patch(
        nodes,
        { name },
        { kind: 'merge', body: { metadata: { ...metadata, resourceVersion }, spec } },
        call,
      )
      return isOurs
    } catch (error) {
      if (!isMoved(error) || tries === mostTries) throw error
    }
  }
}
