import { isMap, isSeq, parseDocument } from 'yaml'
import { SlipwayError } from '../domain/errors.ts'

/**
 * The kubeconfig that an installer leaves on a server, as it is used from elsewhere: every name in it is the cluster's, and
 * it leads to `url`.
 * @throws SlipwayError `service-failed` when it is no kubeconfig.
 */
export function rewriteKubeconfig(text: string, cluster: string, url: string): string {
  const document = parseDocument(text)
  for (const list of ['clusters', 'contexts', 'users']) {
    const items = document.get(list)
    const first = isSeq(items) ? items.items[0] : undefined
    if (!isMap(first)) throw new SlipwayError('service-failed', `the server’s kubeconfig has no ${list}`)
    first.set('name', cluster)
  }
  document.setIn(['clusters', 0, 'cluster', 'server'], url)
  document.setIn(['contexts', 0, 'context', 'cluster'], cluster)
  document.setIn(['contexts', 0, 'context', 'user'], cluster)
  document.set('current-context', cluster)
  return document.toString()
}

export const apiUrlOf = (address: string): string => `https://${address.includes(':') ? `[${address}]` : address}:6443`
