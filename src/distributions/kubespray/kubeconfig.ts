import { isMap, isSeq, parseDocument } from 'yaml'
import { ansibleIp } from '../../domain/cluster.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { HostAccess } from '../../hosts/access.ts'
import { type ClusterArguments, firstServer } from './arguments.ts'

const path = '/etc/kubernetes/admin.conf'

/** Where the API is reached from elsewhere. */
export function apiUrl(cluster: ClusterArguments): string {
  const address = cluster.api_endpoint ?? ansibleIp(firstServer(cluster))
  return `https://${address.includes(':') ? `[${address}]` : address}:6443`
}

/**
 * The admin kubeconfig of the first server, as it is used from elsewhere.
 * @throws SlipwayError `service-failed` where there is none, or it is no kubeconfig.
 */
export async function readAdminKubeconfig(
  hosts: HostAccess,
  cluster: ClusterArguments,
  signal: AbortSignal,
): Promise<string> {
  const { hostname } = firstServer(cluster)
  const { exitCode, stdout, stderr } = await hosts.run(hostname, { command: `cat ${path}`, signal })
  if (exitCode !== 0)
    throw new SlipwayError(
      'service-failed',
      `${hostname} has no ${path}: ${stderr.trim() || `cat ended with ${exitCode}`}`,
      {
        remedy: 'Apply again: Kubespray has ended without making the control plane.',
      },
    )
  return rewritten(stdout, cluster.name, apiUrl(cluster))
}

/** kubeadm calls everything kubernetes-admin@cluster.local. */
function rewritten(text: string, cluster: string, url: string): string {
  const document = parseDocument(text)
  for (const list of ['clusters', 'contexts', 'users']) {
    const items = document.get(list)
    const first = isSeq(items) ? items.items[0] : undefined
    if (!isMap(first)) throw new SlipwayError('service-failed', `the kubeconfig of the first server has no ${list}`)
    first.set('name', cluster)
  }
  document.setIn(['clusters', 0, 'cluster', 'server'], url)
  document.setIn(['contexts', 0, 'context', 'cluster'], cluster)
  document.setIn(['contexts', 0, 'context', 'user'], cluster)
  document.set('current-context', cluster)
  return document.toString()
}

/** Whether a kubeconfig that is kept leads to the endpoint that is wanted. */
export const leadsTo = (kubeconfig: string | null, url: string): boolean =>
  kubeconfig !== null && parseDocument(kubeconfig).getIn(['clusters', 0, 'cluster', 'server']) === url
