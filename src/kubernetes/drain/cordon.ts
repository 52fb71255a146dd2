import type { Call } from '../caller.ts'
import { changeNode } from '../changeNode.ts'
import type { ClusterClient } from '../client.ts'

/** Says that a cordon is ours: one that a person made is left as it is. */
export const mark = 'slipway/cordoned'

type Client = Pick<ClusterClient, 'get' | 'patch'>

/** Lets no new pods come to a node. False when somebody else has done so before. @throws SlipwayError `not-found`. */
export async function cordon(client: Client, node: string, call: Call): Promise<boolean> {
  let isOurs = true
  await changeNode(client, node, call, ({ metadata, spec }) => {
    if (!spec.unschedulable) return { metadata: { annotations: { [mark]: 'true' } }, spec: { unschedulable: true } }
    isOurs = metadata.annotations?.[mark] !== undefined
    return null
  })
  return isOurs
}

/** Takes our own cordon back. False when there is none of ours. @throws SlipwayError `not-found`. */
export async function uncordon(client: Client, node: string, call: Call): Promise<boolean> {
  let isOurs = false
  await changeNode(client, node, call, ({ metadata, spec }) => {
    if (metadata.annotations?.[mark] === undefined) return null
    isOurs = spec.unschedulable === true
    return { metadata: { annotations: { [mark]: null } }, spec: { unschedulable: null } }
  })
  return isOurs
}
