import type { Rke2Spec } from './spec.ts'

/** The API's endpoint as the arguments of stages have it: a VIP of Slipway's own is one. */
export function endpointOf({ api_endpoint, vip }: Pick<Rke2Spec, 'api_endpoint' | 'vip'>): {
  readonly api_endpoint?: string
} {
  const endpoint = api_endpoint ?? vip?.address
  return endpoint === undefined ? {} : { api_endpoint: endpoint }
}
