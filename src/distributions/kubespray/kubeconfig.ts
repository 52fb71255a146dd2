import { parseDocument } from 'yaml'
import { ansibleIp } from '../../domain/cluster.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { HostAccess } from '../../hosts/access.ts'
import { apiUrlOf, rewriteKubeconfig } from '../../kubernetes/adminKubeconfig.ts'
import { type ClusterArguments, firstServer } from './arguments.ts'

const path = '/etc/kubernetes/admin.conf'

/** Where the API is reached from elsewhere. */
export const apiUrl = (cluster: ClusterArguments): string =>
  apiUrlOf(cluster.api_endpoint ?? ansibleIp(firstServer(cluster)))

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
  return rewriteKubeconfig(stdout, cluster.name, apiUrl(cluster))
}

/** Whether a kubeconfig that is kept leads to the endpoint that is wanted. */
export const leadsTo = (kubeconfig: string | null, url: string): boolean =>
  kubeconfig !== null && parseDocument(kubeconfig).getIn(['clusters', 0, 'cluster', 'server']) === url
