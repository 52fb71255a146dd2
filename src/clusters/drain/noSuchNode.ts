import type { Unmet } from '../../engine/contract/stage.ts'

export const noSuchNode = (hostname: string): Unmet => ({
  name: 'no-such-node',
  severity: 'error',
  about: `node ${hostname}`,
  message: 'the cluster has no Node of this name',
  remedy: 'See which there are: kubectl get nodes.',
})
