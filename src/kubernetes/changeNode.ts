import { SlipwayError } from '../domain/errors.ts'
import { isMoved } from './apiErrors.ts'
import type { Call } from './caller.ts'
import type { ClusterClient } from './client.ts'
import { type Node, nodes } from './resources.ts'

/** Kubelet and controllers change a Node all the time. */
const mostTries = 10

/** What is merged into a Node. */
export interface NodeChange {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly spec?: Readonly<Record<string, unknown>>
}

/**
 * Decides by what the Node is, and changes it only where it is still that; null: it is right already.
 * @throws SlipwayError `not-found`.
 */
export async function changeNode(
  client: Pick<ClusterClient, 'get' | 'patch'>,
  name: string,
  call: Call,
  changeOf: (node: Node) => NodeChange | null,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const node = await client.get(nodes, { name }, call)
    if (!node) throw new SlipwayError('not-found', `the cluster has no Node ${name}`, { remedy: 'kubectl get nodes' })
    const change = changeOf(node)
    if (!change) return
    const { resourceVersion } = node.metadata
    const body = { ...change, metadata: { ...change.metadata, resourceVersion } }
    try {
      await client.patch(nodes, { name }, { kind: 'merge', body }, call)
      return
    } catch (error) {
      if (!isMoved(error) || tries === mostTries) throw error
    }
  }
}
