import { type ApiNodes, apiNodes } from '../../clusters/apiNodes.ts'
import type { Bootstrap, ClusterSession } from '../../clusters/session.ts'
import { type SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import { type ClusterArguments, inOrder, type NodeArguments } from './arguments.ts'
import type { HostFacts } from './host/facts.ts'
import { observe } from './host/observe.ts'

/** One host as it was seen: reached, or not and why. */
export type SeenHost =
  | { readonly node: NodeArguments; readonly facts: HostFacts; readonly error: null }
  | { readonly node: NodeArguments; readonly facts: null; readonly error: SlipwayError }
export type ReachedHost = Extract<SeenHost, { error: null }>

export const hostKey = (hostname: string): string => `kubespray/host/${hostname}`

/** The machines, the record, and what the API says; the API is asked only where a kubeconfig is on record. */
export interface ObservedCluster {
  readonly hosts: readonly SeenHost[]
  readonly bootstrap: Bootstrap
  readonly kubeconfig: string | null
  readonly api: ApiNodes
}

export async function observeCluster(
  session: ClusterSession,
  cluster: ClusterArguments,
  context: Pick<StageContext, 'observations' | 'signal'>,
): Promise<ObservedCluster> {
  const [hosts, bootstrap, kubeconfig, api] = await Promise.all([
    seeHosts(session, cluster, context),
    session.bootstrap(),
    session.secret('kubeconfig'),
    apiNodes(session, context),
  ])
  return { hosts, bootstrap, kubeconfig, api }
}

/** One command a host, in parallel; each host is asked once a plan or run until a stage has touched it. */
export const seeHosts = (
  session: Pick<ClusterSession, 'hosts'>,
  cluster: ClusterArguments,
  { observations, signal }: Pick<StageContext, 'observations' | 'signal'>,
): Promise<SeenHost[]> =>
  Promise.all(
    inOrder(cluster).map(node =>
      observations.read(hostKey(node.hostname), async (): Promise<SeenHost> => {
        try {
          return { node, facts: await observe(await session.hosts(), node.hostname, signal), error: null }
        } catch (thrown) {
          signal.throwIfAborted()
          return { node, facts: null, error: toSlipwayError(thrown) }
        }
      }),
    ),
  )

export const reached = (hosts: readonly SeenHost[]): ReachedHost[] => hosts.filter(host => host.error === null)
