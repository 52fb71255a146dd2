import { type Finding, SlipwayError } from '../../../domain/errors.ts'
import { canonicalAddress } from '../../../domain/addresses.ts'
import type { HostAccess } from '../../../hosts/access.ts'
import type { FutureOwner } from '../../contract.ts'
import type { ServerReading } from '../../discovery/foundCluster.ts'
import { defaultDataDir } from '../host/dataDir.ts'
import type { HostFacts } from '../host/facts.ts'
import { observe } from '../host/observe.ts'
import { apiUrlOf, rewriteKubeconfig } from '../../../kubernetes/adminKubeconfig.ts'
import { isOurs } from '../nodeState.ts'
import { passwordOf } from './sameMeaning.ts'
import { settingsOf, textsOf } from './settings.ts'
import { readWritten } from './written.ts'

const kubeconfigPath = '/etc/rancher/rke2/rke2.yaml'

/** Who the cluster is, by one of its servers. Files are compared elsewhere: no key is needed for that here. */
export async function readServer(
  hosts: HostAccess,
  hostname: string,
  { installation, cluster }: FutureOwner,
  signal: AbortSignal,
): Promise<ServerReading> {
  const settings = settingsOf((await readWritten(hosts, hostname, null, signal)).files)
  const said = (key: string, otherwise: string) => textsOf(settings?.get(key))[0] ?? otherwise
  const data_dir = said('data-dir', defaultDataDir)
  const facts = await observe(hosts, hostname, {
    dataDir: data_dir,
    hmacKey: new Uint8Array(32),
    cluster: 'nodes',
    signal,
  })
  requireServer(hostname, facts)
  const { etcd, nodes } = requireAnswer(hostname, facts)
  const kubeconfig = said('write-kubeconfig', kubeconfigPath)
  const { server } = await readWritten(hosts, hostname, { data_dir, kubeconfig }, signal)
  const own = new Set(facts.addresses?.map(canonicalAddress))
  const isOwn = ({ addresses }: (typeof nodes)[number]) =>
    addresses.some(({ type, address }) => type === 'InternalIP' && own.has(canonicalAddress(address)))
  const node = nodes.find(isOwn)
  const address = node?.addresses.find(({ type }) => type === 'InternalIP')?.address
  if (!node || address === undefined) throw unlike(hostname, 'its cluster has no Node with an address of this machine')
  if (!server?.token || !server.kubeconfig)
    throw unlike(hostname, `${data_dir}/server holds no token, or ${kubeconfig} no kubeconfig`)
  if (facts.data.ca_hash === null) throw unlike(hostname, `${data_dir}/server/tls holds no CA of a cluster`)
  const token = passwordOf(server.token)
  return {
    node: node.name,
    kubeconfig: rewriteKubeconfig(server.kubeconfig, cluster, apiUrlOf(address)),
    token,
    agent_token: server.agent_token ? passwordOf(server.agent_token) : token,
    ca_hash: facts.data.ca_hash,
    etcd_cluster: etcd.cluster_id,
    findings: facts.fence && !isOurs(facts, installation, cluster) ? [owned(node.name, facts.fence, installation)] : [],
  }
}

const owned = (
  hostname: string,
  fence: Pick<NonNullable<HostFacts['fence']>, 'installation' | 'cluster'>,
  installation: string,
): Finding => ({
  name: 'owned-by-another',
  severity: 'warning',
  about: `node ${hostname}`,
  message: `it is marked as a machine of cluster ${fence.cluster} of ${fence.installation === installation ? 'this' : 'another'} Slipway installation: nothing can be applied to it under this name`,
  // Its services start with what else lies there.
  remedy:
    'Go on there. Where that is lost, take its mark from each machine, as root: cd /var/lib/slipway && rm -f fence lock raise.lock python (the rest of that folder stays).',
})

const unlike = (hostname: string, message: string, remedy?: string): SlipwayError =>
  new SlipwayError('not-a-server', `${hostname}: ${message}`, {
    facts: { host: hostname },
    ...(remedy !== undefined && { remedy }),
  })

function requireServer(hostname: string, { services, release, leftovers, config, fence }: HostFacts): void {
  if (services['rke2-server'].main_pid > 0) return
  if (services['rke2-agent'].main_pid > 0) {
    const told = config.flatMap(({ server }) => server ?? [])[0]
    throw unlike(
      hostname,
      `it is an agent${told === undefined ? '' : ` of ${told}`}`,
      `Name a server of its cluster${told !== undefined && URL.canParse(told) ? `, such as ${new URL(told).hostname}` : ''}.`,
    )
  }
  if (release.prefix === null)
    throw unlike(
      hostname,
      leftovers.length > 0
        ? `there is no RKE2 on it, but ${leftovers.slice(0, 3).join(', ')}`
        : 'there is no RKE2 on it',
      'Name a server of an RKE2 cluster; a cluster of another kind is discovered by its kubeconfig (--kubeconfig FILE).',
    )
  throw unlike(
    hostname,
    `rke2-server does not run there${fence ? `; it belonged to cluster ${fence.cluster}` : ''}`,
    `Start it there (systemctl start rke2-server), or name another server.`,
  )
}

function requireAnswer(hostname: string, { cluster }: HostFacts) {
  const { etcd = null, nodes = null, error = null } = cluster ?? {}
  if (etcd && nodes) return { etcd, nodes }
  throw unlike(
    hostname,
    nodes === null ? `its API does not answer${error ? `: ${error}` : ''}` : 'its etcd does not say who is a member',
    'Look at the server (journalctl -u rke2-server), or name another one; one that holds no etcd does not know who the cluster is.',
  )
}
