import { type SlipwayError, toSlipwayError } from '../domain/errors.ts'
import type { StageContext } from '../engine/contract/stage.ts'
import { type Node, nodes } from '../kubernetes/resources.ts'
import { withClusterApi } from './clusterApi.ts'

/** What the API says of the Nodes; `error`: it did not answer, or there is no cluster yet (`not-found`). */
export type ApiNodes =
  | { readonly nodes: readonly Node[]; readonly error: null }
  | { readonly nodes: null; readonly error: SlipwayError }

/** Prefix of what a stage that changed Nodes makes stale. */
export const apiNodesKey = 'api/nodes'

/** One list for all that ask in a plan, or between two stages that change Nodes. That it does not answer is a word as well. */
export const apiNodes = (
  session: Parameters<typeof withClusterApi>[0],
  { observations, signal }: Pick<StageContext, 'observations' | 'signal'>,
): Promise<ApiNodes> =>
  observations.read(apiNodesKey, async (): Promise<ApiNodes> => {
    try {
      const { items } = await withClusterApi(session, signal, client => client.snapshot(nodes, {}, { signal }))
      return { nodes: items, error: null }
    } catch (error) {
      signal.throwIfAborted()
      return { nodes: null, error: toSlipwayError(error) }
    }
  })
