import type { ClusterClient } from '../../kubernetes/client.ts'
import { type Drain, drainNode } from '../../kubernetes/drain/drainNode.ts'
import { isReady } from '../../kubernetes/nodeStanding.ts'
import { type Node, nodes } from '../../kubernetes/resources.ts'
import { waitFor } from '../../kubernetes/waitFor.ts'

/**
 * Drains a node whose machine may be lost. The cluster notices that after a while only: as soon as it does, nobody is there
 * who could end the pods, and they go with the Node.
 * @throws SlipwayError as `drainNode` does.
 */
export async function drainUnlessLost(client: ClusterClient, name: string, drain: Drain): Promise<void> {
  const over = new AbortController()
  const noticed = new Error('its kubelet does not answer')
  const signal = AbortSignal.any([drain.signal, over.signal])
  const missing = (node: Node | null) => (node && isReady(node) ? 'it is ready' : null)
  const watch = waitFor(client, nodes, { name }, { signal, timeout: drain.deadline, missing }).then(
    () => over.abort(noticed),
    // The drain itself tells what is wrong.
    () => {},
  )
  try {
    await drainNode(client, name, { ...drain, signal })
  } catch (error) {
    if (drain.signal.aborted || over.signal.reason !== noticed) throw error
    drain.onProgress?.(`${name} is lost, as was accepted: its pods go with its Node`)
  } finally {
    over.abort()
    await watch
  }
}
