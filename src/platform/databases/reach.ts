import type { Duplex } from 'node:stream'
import { type ReachedApi, withClusterApi } from '../../clusters/clusterApi.ts'
import { isTransient } from '../../clusters/transient.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { RetryPolicy } from '../../engine/contract/stage.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { podBehindService, readyPod } from '../../kubernetes/podBehind.ts'
import { openPortForward, type PodPort } from '../../kubernetes/portForward.ts'
import type { PostgresTarget } from '../../postgres/session.ts'
import type { PlatformSession } from '../platformSession.ts'
import type { DatabaseServer, ServerWay } from './connection.ts'
import { readLogin } from './login.ts'

/** A server that was found, for as long as its API is open. */
export interface ReachedServer {
  readonly client: ClusterClient
  /** Its administrator, in the database to begin with. */
  readonly target: PostgresTarget
  /** What users are told: what the Secret of the administrator says, or the Service. */
  readonly host: string | null
  readonly port: number
}

/**
 * Gives `work` the way to a server: over the API to the pod that takes writes, or straight to its address.
 * @throws SlipwayError as `withClusterApi`, `readLogin` and `podBehindService` say.
 */
export const withServer = <Result>(
  server: DatabaseServer,
  session: PlatformSession,
  signal: AbortSignal,
  work: (reached: ReachedServer) => Promise<Result>,
): Promise<Result> =>
  withClusterApi(session, signal, async (client, api) => {
    const { user, password, host, port } = await readLogin(client, server.administrator, session, { signal })
    const told = { host: host ?? server.host, port: portIn(port) ?? server.port }
    const { way, database, tls } = server
    const base = { user, password, database, tls }
    const target: PostgresTarget =
      way.kind === 'address'
        ? { ...base, host: way.host, port: way.port, connect: null }
        : {
            ...base,
            host: told.host ?? server.administrator.name,
            port: told.port,
            connect: await forwarded(way, way.kind === 'pods' ? told.port : server.port, client, api, signal),
          }
    return work({ client, target, ...told })
  })

/** To the pod that takes writes now: where another one does meanwhile, it is found by the next connection. */
async function forwarded(
  way: Exclude<ServerWay, { kind: 'address' }>,
  port: number,
  client: ClusterClient,
  { access, way: apiWay }: ReachedApi,
  signal: AbortSignal,
): Promise<(signal: AbortSignal) => Promise<Duplex>> {
  const find = async (around: AbortSignal): Promise<PodPort> => {
    const { namespace } = way
    if (way.kind === 'service') return podBehindService(client, { namespace, name: way.name }, port, { signal: around })
    const { metadata } = await readyPod(client, namespace, way.selector, { signal: around })
    return { namespace, pod: metadata.name, port }
  }
  // Who cannot be found is told before anything is begun.
  await find(signal)
  return async around => openPortForward(access, apiWay, await find(around), around)
}

/** What an operator has written; of something else nothing is read. */
function portIn(text: string | null): number | null {
  const port = text === null ? 0 : Number(text)
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null
}

const passing: ReadonlySet<string> = new Set(['postgres-unreachable', 'port-forward-failed', 'api-unreachable'])

const mayPass = (error: Error): boolean =>
  isTransient(error) ||
  (error instanceof SlipwayError &&
    // Whoever has the lock was waited for already.
    ((error.facts['passing'] === true && error.code !== 'migrations-locked') ||
      (error.code === 'preflight-failed' &&
        error.findings.length > 0 &&
        error.findings.every(({ name }) => passing.has(name)))))

/** Of stages that work in databases: another primary takes over within half a minute. */
export const overDatabases: RetryPolicy = { attempts: 5, backoff: 2000, when: mayPass }
