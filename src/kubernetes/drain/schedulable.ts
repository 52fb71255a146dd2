import type { Call } from '../caller.ts'
import type { ClusterClient } from '../client.ts'
import { nodes } from '../resources.ts'
import { mark } from './cordon.ts'

/** Lets new pods come to a node again, whoever has cordoned it. */
export async function makeSchedulable(client: Pick<ClusterClient, 'patch'>, node: string, call: Call): Promise<void> {
  const body = { metadata: { annotations: { [mark]: null } }, spec: { unschedulable: null } }
  await client.patch(nodes, { name: node }, { kind: 'merge', body }, call)
}
