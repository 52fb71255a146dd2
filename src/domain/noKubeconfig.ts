import { SlipwayError } from './errors.ts'

export const noKubeconfig = (cluster: string): SlipwayError =>
  new SlipwayError('not-found', `cluster ${cluster} has no kubeconfig yet`, {
    remedy: `It is kept as soon as the first server is ready: slipway runs ${cluster}.`,
  })
