import { parseDocument } from 'yaml'
import { ansibleIp } from '../../domain/cluster.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { AttemptContext } from '../../engine/contract/stage.ts'
import type { KubeconfigReader } from '../../clusters/session.ts'
import type { HostAccess } from '../../hosts/access.ts'
import { apiUrlOf, rewriteKubeconfig } from '../../kubernetes/adminKubeconfig.ts'
import { readSpec } from '../readSpec.ts'
import { caHash } from './host/caHash.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import type { Rke2Session } from './session.ts'
import { rke2Format } from './spec/format.ts'

const path = '/etc/rancher/rke2/rke2.yaml'

/** Puts a server's kubeconfig on record, sealed, in the place of an earlier one. */
export async function keepKubeconfig(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  context: AttemptContext,
): Promise<void> {
  const { name } = stage.cluster
  const clear = await readKubeconfig(await session.hosts(), node.hostname, name, apiUrl(stage, node), context.signal)
  await context.record('keeps the kubeconfig', [
    { type: 'cluster-secret', name: 'kubeconfig', value: session.seal('kubeconfig', clear) },
  ])
}

/** The admin kubeconfig of a server, made usable from elsewhere: the endpoint's address and the cluster's name. */
async function readKubeconfig(
  hosts: HostAccess,
  hostname: string,
  cluster: string,
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const { exitCode, stdout, stderr } = await hosts.run(hostname, { command: `cat ${path}`, signal })
  if (exitCode !== 0)
    throw new SlipwayError(
      'service-failed',
      `${hostname} has no kubeconfig: ${stderr.trim() || `cat ended with ${exitCode}`}`,
    )
  return rewriteKubeconfig(stdout, cluster, url)
}

/** Of a cluster on record, in the place of one that its API takes no more. */
export const readAdminKubeconfig: KubeconfigReader = async ({ desired, hosts, ca_hash }, hostname, signal) => {
  const { api_endpoint, nodes } = readSpec(rke2Format, desired)
  const first = nodes.find(({ role }) => role === 'initial_master')
  const url = apiUrlOf(api_endpoint ?? (first ? ansibleIp(first) : hostname))
  const kubeconfig = await readKubeconfig(hosts, hostname, desired.metadata.name, url, signal)
  if (!leadsTo(kubeconfig, url, ca_hash))
    throw new SlipwayError(
      'wrong-cluster',
      `the kubeconfig of ${hostname} is of another cluster: its CA is not the recorded one`,
    )
  return kubeconfig
}

/**
 * Whether a kubeconfig that is kept still leads to the cluster: to its endpoint, under its CA. One that names no CA says
 * nothing against it.
 * @param ca_hash of the recorded CA; null: not known yet
 */
export function leadsTo(kubeconfig: string | null, url: string, ca_hash: string | null): boolean {
  if (!kubeconfig?.includes(url)) return false
  const authority = parseDocument(kubeconfig).getIn(['clusters', 0, 'cluster', 'certificate-authority-data'])
  return typeof authority !== 'string' || ca_hash === null || caHash(Buffer.from(authority, 'base64')) === ca_hash
}

/** Where the cluster's API is reached from elsewhere. */
export const apiUrl = ({ cluster }: StageArguments, node: NodeArguments): string =>
  apiUrlOf(cluster.api_endpoint ?? ansibleIp(node))
