import type { AttemptContext } from '../../engine/stage.ts'
import { awaitNode, awaitService } from '../../hosts/awaitReady.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import { unitOf } from './nodeState.ts'
import type { ClusterSession } from './session.ts'

/** ms from the start of a service until its node is ready. */
const readyTime = ({ cluster }: StageArguments): number => (cluster.ready_timeout_s ?? 600) * 1000

/** ms for a stage that starts a member: its play, and then the waiting, which names what is missing when it gives up. */
export const memberTimeout = (stage: StageArguments): number => 5 * 60_000 + readyTime(stage)

/**
 * A server is ready when its service is, its own API answers, its node is Ready in the wanted version, and it votes in
 * etcd (facts: Node Ready alone is not enough on a server).
 */
export function serverReady(
  session: ClusterSession,
  stage: StageArguments,
  node: NodeArguments,
  context: AttemptContext,
): Promise<void> {
  return memberReady(session, stage, node, node.hostname, context)
}

/** An agent is ready when its service is, and the servers see its node Ready in the wanted version. */
export function agentReady(
  session: ClusterSession,
  stage: StageArguments,
  node: NodeArguments,
  context: AttemptContext,
): Promise<void> {
  const [server] = stage.servers
  return memberReady(session, stage, node, server?.hostname ?? node.hostname, context)
}

async function memberReady(
  session: ClusterSession,
  stage: StageArguments,
  node: NodeArguments,
  asked: string,
  context: AttemptContext,
): Promise<void> {
  const hosts = await session.hosts()
  const end = performance.now() + readyTime(stage)
  const over = new AbortController()
  const options = () => ({
    deadline: Math.max(1000, end - performance.now()),
    signal: AbortSignal.any([context.signal, over.signal]),
    environment: context.environment,
    onProgress: (message: string) => context.progress(message, node.hostname),
  })
  const registered = () =>
    awaitNode(hosts, asked, {
      node: node.hostname,
      version: stage.cluster.version,
      voter: node.role !== 'worker',
      ...options(),
    })
  try {
    // The watch stands before the service is up: what it costs to begin it falls into the time of waiting.
    let settled = false
    const early = registered().finally(() => {
      settled = true
    })
    early.catch(() => {})
    await awaitService(hosts, node.hostname, { unit: unitOf(node), ...options() })
    // What it said before the service was up may be of the time before a restart.
    await (settled ? registered() : early)
  } finally {
    over.abort()
  }
}
