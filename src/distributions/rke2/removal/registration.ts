import type { ClusterClient } from '../../../kubernetes/client.ts'
import { type Node, nodes } from '../../../kubernetes/resources.ts'
import { passwordOf } from './nodePassword.ts'

/** What the cluster knows of a name. */
export interface Registered {
  /** Null: the cluster has no such Node. */
  readonly node: Node | null
  readonly password: Awaited<ReturnType<typeof passwordOf>>
}

export async function registrationOf(
  client: ClusterClient,
  hostname: string,
  signal: AbortSignal,
): Promise<Registered> {
  const [node, password] = await Promise.all([
    client.get(nodes, { name: hostname }, { signal }),
    passwordOf(client, hostname, signal),
  ])
  return { node, password }
}
