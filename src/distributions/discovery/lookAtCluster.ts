import { withClusterApi } from '../../clusters/clusterApi.ts'
import type { SessionSurroundings } from '../../clusters/openSession.ts'
import { canonicalAddress, hostOfUrl } from '../../domain/addresses.ts'
import { addressesOf, type ClusterSpec } from '../../domain/cluster.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { createObservations } from '../../engine/contract/observations.ts'
import type { ApiAccess } from '../../kubernetes/apiAccess.ts'
import { type ClusterClient, openClusterClient } from '../../kubernetes/client.ts'
import { readKubeconfig } from '../../kubernetes/kubeconfig.ts'
import { kubeconfigText } from '../../kubernetes/kubeconfigText.ts'
import type { Discovery, DiscoveryOverSsh, Distribution } from '../contract.ts'
import { type DiscoveryHosts, discoveryHosts } from './discoveryHosts.ts'
import { type Entry, enter } from './enter.ts'
import type { FoundCluster, LookAtCluster, LookRequest, ShownCluster } from './foundCluster.ts'
import { showCluster } from './showCluster.ts'

export type LookSurroundings = Pick<
  SessionSurroundings,
  'connections' | 'directory' | 'environment' | 'installation' | 'learn' | 'sealer'
>

/** Looks at clusters that others have made: over their API, and on their machines where a login is given. Reads only. */
export const lookAtClusterOf =
  (all: readonly Distribution[], around: LookSurroundings): LookAtCluster =>
  async (request, signal) => {
    const hosts = discoveryHosts(request.cluster, request.known?.hostKeys ?? [], around)
    try {
      const entry = await enter(all, request, around.installation, hosts, signal)
      const kubeconfig = entry?.reading.kubeconfig ?? request.kubeconfig ?? onRecord(request)
      const shown = await withApi(request, kubeconfig, entry, signal, client =>
        showCluster(client, request.known?.first ?? null, signal),
      )
      const discovery = discoveryOf(all, shown.kind)
      return entry
        ? await withMachines(discovery, entry, { request, shown, hosts, around }, signal)
        : withoutMachines(discovery, request, shown, kubeconfig)
    } finally {
      await hosts.close()
    }
  }

function onRecord({ cluster, known }: LookRequest): string {
  if (known?.kubeconfig) return known.kubeconfig
  throw new SlipwayError('usage', `nothing says where cluster ${cluster} is`, {
    remedy: `Name a kubeconfig, or one of its servers: slipway discover ${cluster} --kubeconfig FILE, or --ssh USER@HOST.`,
  })
}

/** Where nothing answers at the address of the kubeconfig, the API of the server that was logged in to is asked on its loopback. */
async function withApi<Result>(
  { cluster }: LookRequest,
  kubeconfig: string,
  entry: Entry | null,
  signal: AbortSignal,
  work: (client: ClusterClient) => Promise<Result>,
): Promise<Result> {
  if (entry) {
    const { read } = createObservations()
    const secret = async () => kubeconfig
    return withClusterApi(
      { cluster, secret, read, hosts: async () => entry.hosts, desired: async () => entry.alone },
      signal,
      work,
    )
  }
  const client = await openClusterClient(readKubeconfig(kubeconfig))
  try {
    // One try: an address at which nobody answers is told at once. Who may not ask this may still list Nodes.
    const answer = await client.ready({ signal, deadline: firstAnswer }).catch(unlessForbidden)
    if (answer && !answer.ready) throw new SlipwayError('api-unreachable', answer.reasons.join('; '))
    return await work(client)
  } finally {
    await client.close()
  }
}

/** ms */
const firstAnswer = 10_000

function unlessForbidden(error: unknown): null {
  if (error instanceof SlipwayError && error.code === 'api-forbidden') return null
  throw error
}

function discoveryOf(all: readonly Distribution[], kind: string): Discovery<ClusterSpec> {
  const found = all.find(({ format }) => format.distribution === kind)?.discovery
  if (found) return found
  throw new SlipwayError('internal', `no distribution of this version puts clusters of ${kind} on record`)
}

/** What runs on a cluster stays as it is desired, whatever it shows of who has made it. */
function fileOf({ cluster, known }: LookRequest, found: ClusterSpec) {
  const platform = known?.desired.spec.platform
  const spec = platform === undefined ? found : { ...found, platform }
  return { apiVersion: 'slipway/v1', kind: 'Cluster', metadata: { name: cluster }, spec } as const
}

/** What is on record of a cluster of the same kind. */
const before = ({ known }: LookRequest, { kind }: ShownCluster): ClusterSpec | null =>
  known?.desired.spec.distribution === kind ? known.desired.spec : null

function withoutMachines(
  discovery: Discovery<ClusterSpec>,
  request: LookRequest,
  shown: ShownCluster,
  kubeconfig: string,
): FoundCluster {
  const { cluster, known } = request
  return {
    ...shown,
    desired: fileOf(request, discovery.specOf(shown, before(request, shown))),
    ...accessOf(cluster, readKubeconfig(kubeconfig)),
    server: null,
    files: known?.login?.files ?? {},
    hostKeys: [],
    adopted: new Map(),
  }
}

const accessOf = (cluster: string, access: ApiAccess) => ({
  kubeconfig: kubeconfigText(access, cluster),
  api_endpoint: hostOfUrl(access.server),
})

interface MachinesRequest {
  readonly request: LookRequest
  readonly shown: ShownCluster
  readonly hosts: DiscoveryHosts
  readonly around: LookSurroundings
}

async function withMachines(
  discovery: Discovery<ClusterSpec>,
  { reading, login, alias, host }: Entry,
  { request, shown, hosts, around }: MachinesRequest,
  signal: AbortSignal,
): Promise<FoundCluster> {
  const { cluster } = request
  const overSsh = requireMachines(discovery, host, shown)
  hosts.rename(alias, reading.node)
  const entered = shown.nodes.find(({ hostname }) => hostname === reading.node)
  const outside = host !== null && addressesOf(entered?.external_ip ?? '').includes(canonicalAddress(host))
  const spec = discovery.specOf({ ...shown, reached: { ssh: login.ssh, outside } }, before(request, shown))
  const access = await hosts.open(spec.nodes, login)
  const { kubeconfig, node: _node, findings, ...server } = reading
  for (const secret of [server.token, server.agent_token]) around.learn(secret)
  const look = { ...server, hashKey: around.sealer.hashKey(cluster) }
  const machines = await overSsh.readMachines(access, spec, look, signal)
  return {
    ...shown,
    desired: fileOf(request, machines.spec),
    ...accessOf(cluster, { ...readKubeconfig(kubeconfig), server: overSsh.apiUrl(machines.spec) }),
    server,
    files: login.files,
    hostKeys: hosts.learnt(),
    adopted: machines.adopted,
    findings: [...shown.findings, ...findings, ...machines.findings],
  }
}

function requireMachines(
  { overSsh }: Discovery<ClusterSpec>,
  host: string | null,
  { kind }: ShownCluster,
): DiscoveryOverSsh<ClusterSpec> {
  if (overSsh) return overSsh
  throw new SlipwayError(
    'not-a-server',
    `${host ?? 'the machine'} serves a cluster of ${kind}, whose machines Slipway does not read`,
  )
}
