import type { Unmet } from '../engine/contract/stage.ts'
import type { Call } from '../kubernetes/caller.ts'
import type { ClusterClient } from '../kubernetes/client.ts'
import { namespaces } from '../kubernetes/resources.ts'

/** A namespace that is there, and takes nothing new any more: what is in it has to go first. */
export async function isTerminating(client: Pick<ClusterClient, 'get'>, name: string, call: Call): Promise<boolean> {
  const found = await client.get(namespaces, { name }, call)
  return found?.metadata.deletionTimestamp !== undefined
}

export const terminating = (name: string, about: string): Unmet => ({
  name: 'namespace-terminating',
  severity: 'error',
  about,
  message: `namespace ${name} is being deleted, and something in it holds that up`,
  remedy: `See what is left of it (kubectl get namespace ${name} -o yaml tells), and whose finalizers wait for whom; then apply again.`,
})
