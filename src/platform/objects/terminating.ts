import type { Unmet } from '../../engine/contract/stage.ts'

/** A namespace that is being deleted stands in the way: nothing can be made in it. Pure. */
export const terminating = (namespace: string): Omit<Unmet, 'about'> => ({
  name: 'namespace-terminating',
  severity: 'error',
  message: `namespace ${namespace} is being deleted, and something in it holds that up`,
  remedy: `See what is left of it (kubectl get namespace ${namespace} -o yaml tells), and whose finalizers wait for whom; then apply again.`,
})
