import { SlipwayError, toSlipwayError } from '../domain/errors.ts'
import { noKubeconfig } from '../domain/noKubeconfig.ts'
import type { ApiAccess } from '../kubernetes/apiAccess.ts'
import { type ClusterClient, openClusterClient } from '../kubernetes/client.ts'
import type { Way } from '../kubernetes/connection.ts'
import { readKubeconfig } from '../kubernetes/kubeconfig.ts'
import { namespaces } from '../kubernetes/resources.ts'
import { freshKubeconfig, isOutdated, refusalIn } from './freshKubeconfig.ts'
import type { ClusterSession } from './session.ts'

/** ms for the first answer on one way. */
const firstAnswer = 5000

/** How the API was reached: for a program that is no client of ours. */
export interface ReachedApi {
  readonly access: ApiAccess
  readonly way: Way
}

/** What the way to a cluster's API is found by. One without `freshKubeconfig` goes by its own, whatever the API says. */
export type ApiSession = Pick<ClusterSession, 'cluster' | 'secret' | 'hosts' | 'desired' | 'read'> &
  Partial<Pick<ClusterSession, 'freshKubeconfig'>>
export type ApiSessionOf = (cluster: string) => ApiSession

/**
 * Gives `work` a client of the cluster's API, by the kubeconfig that is on record. Where the API takes that one no more,
 * `work` is done once more with the one that a server has now; what is on record stays until a run puts that one there.
 * @throws SlipwayError `not-found` while there is no kubeconfig; as `readKubeconfig` and `ClusterClient` say.
 */
export async function withClusterApi<Result>(
  session: ApiSession,
  signal: AbortSignal,
  work: (client: ClusterClient, reached: ReachedApi) => Promise<Result>,
): Promise<Result> {
  const kubeconfig = await session.secret('kubeconfig')
  if (kubeconfig === null) throw noKubeconfig(session.cluster)
  const known = await refusalIn(session)
  if (known.refused === kubeconfig && known.instead !== null) return through(session, known.instead, signal, work)
  try {
    return await through(session, kubeconfig, signal, work)
  } catch (thrown) {
    signal.throwIfAborted()
    if (!isOutdated(thrown) || !session.freshKubeconfig) throw thrown
    const instead = await freshKubeconfig({ ...session, freshKubeconfig: session.freshKubeconfig }, thrown, signal)
    Object.assign(known, { refused: kubeconfig, instead })
    return through(session, instead, signal, work)
  }
}

/** Whether the API takes the kubeconfig on record no more. Where nobody can be asked nothing speaks against it. */
export async function isRefused(session: ApiSession, signal: AbortSignal): Promise<boolean> {
  try {
    // What anybody may read proves nothing.
    await withClusterApi(session, signal, client => client.get(namespaces, { name: 'kube-system' }, { signal }))
  } catch (thrown) {
    signal.throwIfAborted()
    if (isOutdated(thrown)) return true
  }
  const { refused } = await refusalIn(session)
  return refused !== null && refused === (await session.secret('kubeconfig'))
}

/**
 * Straight to its address, or, where nothing answers there, through the SSH connection of a server, one after the other.
 * The way that answered last is tried first: where a firewall is silent each other one takes its time.
 */
async function through<Result>(
  session: ApiSession,
  kubeconfig: string,
  signal: AbortSignal,
  work: (client: ClusterClient, reached: ReachedApi) => Promise<Result>,
): Promise<Result> {
  const last = await session.read('api/way', async (): Promise<LastWay> => ({ server: null }))
  const { nodes } = (await session.desired()).spec
  const servers = nodes.flatMap(({ hostname, role }) => (role === 'worker' ? [] : [hostname]))
  const ways = [last.server, null, ...servers].filter((server, at, all) => all.indexOf(server) === at)
  const { client, ...reached } = await firstThatAnswers(readKubeconfig(kubeconfig), ways)
  try {
    return await work(client, reached)
  } finally {
    await client.close()
  }

  /** @throws SlipwayError what the straight way ended with, when none leads there; what the API itself refuses is told at once. */
  async function firstThatAnswers(
    access: ApiAccess,
    [server = null, ...others]: readonly (string | null)[],
  ): Promise<ReachedApi & { readonly client: ClusterClient }> {
    try {
      const reached = { access: server === null ? access : inside(access), way: await wayOf(access, server) }
      const client = await openClusterClient(reached.access, reached.way)
      try {
        // One try: there may be another way.
        const answer = await client.ready({ signal, deadline: firstAnswer })
        if (!answer.ready) throw new SlipwayError('api-unreachable', answer.reasons.join('; '))
      } catch (error) {
        await client.close()
        throw error
      }
      last.server = server
      return { ...reached, client }
    } catch (thrown) {
      signal.throwIfAborted()
      const error = toSlipwayError(thrown)
      if (!leadsNowhere.has(error.code) || others.length === 0) throw error
      return firstThatAnswers(access, others).catch((other: unknown) => {
        throw leadsNowhere.has(toSlipwayError(other).code) ? error : other
      })
    }
  }

  async function wayOf(access: ApiAccess, server: string | null): Promise<Way> {
    if (server === null) return { kind: 'direct' }
    const port = Number(new URL(access.server).port || 443)
    const hosts = await session.hosts()
    // Every server serves the API on its own loopback, at the port of the endpoint.
    return { kind: 'socket', path: await hosts.forward(server, { address: '127.0.0.1', port }, signal) }
  }
}

/**
 * What every API server's certificate is for: a kubeconfig that leads to a server that is lost has to be of use at the
 * others. The CA is still its own.
 */
const inside = (access: ApiAccess): ApiAccess => ({
  ...access,
  tlsServerName: access.tlsServerName ?? 'kubernetes.default.svc',
})

/** The server whose connection led there; null: it was reached straight. */
interface LastWay {
  server: string | null
}

/** Somebody else may answer at the address that the kubeconfig names. */
const leadsNowhere: ReadonlySet<string> = new Set([
  'api-unreachable',
  'api-untrusted',
  'host-unreachable',
  'authentication-failed',
  'host-key-changed',
  'file-unreadable',
  'not-found',
])
