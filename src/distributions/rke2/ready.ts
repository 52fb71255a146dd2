import { SlipwayError } from '../../domain/errors.ts'
import type { AttemptContext } from '../../engine/contract/stage.ts'
import { awaitNode, awaitService } from './host/awaitReady.ts'
import { outOfReach } from './absent.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import type { AskedServer } from './askedServer.ts'
import { proveAuthority } from './identity.ts'
import { dataDirOf } from './observeCluster.ts'
import { unitOf } from './nodeState.ts'
import type { Rke2Session } from './session.ts'
import { withStartRemedy } from './startRemedies.ts'

/** ms from the start of a service until its node is ready. */
const readyTime = ({ cluster }: StageArguments): number => (cluster.ready_timeout_s ?? 600) * 1000

/** When the waiting that begins now is over, ms of `performance.now()`. */
const readyBy = (stage: StageArguments): number => performance.now() + readyTime(stage)

/** ms for the play that sets a member up. */
const playTime = 5 * 60_000

/** ms for a stage that starts a member: its play, and then the waiting, which names what is missing when it gives up. */
export const memberTimeout = (stage: StageArguments): number => playTime + readyTime(stage)

/** The same for a batch that began at `began`: it gives up, and says who is not ready, before its stage is stopped. */
export const batchReadyBy = (stage: StageArguments, began: number): number =>
  Math.min(readyBy(stage), began + memberTimeout(stage) - toTell)

/**
 * A server is ready when its service is, its own API answers, its node is Ready in the wanted version, and it votes in
 * etcd (facts: Node Ready alone is not enough on a server).
 */
export async function serverReady(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  context: AttemptContext,
): Promise<void> {
  await memberReady(session, stage, node, node.hostname, context, {
    end: readyBy(stage),
    turn: Number.POSITIVE_INFINITY,
    early: true,
    session: watch => watch(),
    // Nobody else can say whether its own API answers.
    next: async () => null,
  })
}

/** What the agents of a batch share while they are waited for. */
export interface BatchWait {
  /** When the waiting ends for all of them, ms of `performance.now()`. */
  readonly end: number
  /** Agents that are waited for, all in all. */
  readonly agents: number
  /** The server that all of them ask. */
  readonly server: AskedServer
  /** Takes a session with it. */
  readonly session: <Result>(watch: () => Promise<Result>) => Promise<Result>
}

/** sshd lets ten sessions share a connection (MaxSessions), and all agents ask the same server. */
export const sessionsAtOnce = 8
/** ms that an agent may keep a session which others wait for. */
const turn = 20_000
/** ms that a batch needs at its end to say who is not ready. */
const toTell = 30_000
/** ms that a look may take, however late it is. */
const shortest = 1000

/**
 * An agent is ready when its service is, and the servers see its node Ready in the wanted version. Where there are more
 * agents than sessions, one asks only when its service is up, and in turns: agents that hang must not hide the others.
 */
export async function agentReady(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  context: AttemptContext,
  batch: BatchWait,
): Promise<void> {
  const crowded = batch.agents > sessionsAtOnce
  const server = await batch.server.now()
  if (server === null)
    throw new SlipwayError('service-failed', 'no server answers that is of the recorded cluster', {
      remedy: 'Bring the API of a server back first; then resume.',
      facts: { host: node.hostname },
    })
  const { ca_hash } = await memberReady(session, stage, node, server.hostname, context, {
    end: batch.end,
    turn: crowded ? turn : Number.POSITIVE_INFINITY,
    early: !crowded,
    session: batch.session,
    next: async gone => (await batch.server.after(gone))?.hostname ?? null,
  })
  proveAuthority(node, ca_hash, await session.bootstrap())
}

interface Waiting extends Pick<BatchWait, 'end' | 'session'> {
  readonly turn: number
  /** Whether the watch of the node stands before the service is up: what it costs to begin it falls into that time. */
  readonly early: boolean
  /** Whom to ask when the server that was asked is out of reach; null or the same: nobody else. */
  readonly next: (gone: string) => Promise<string | null>
}

async function memberReady(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  first: string,
  context: AttemptContext,
  waiting: Waiting,
): Promise<{ readonly ca_hash: string | null }> {
  const hosts = await session.hosts()
  const began = performance.now()
  const over = new AbortController()
  const left = () => Math.max(shortest, waiting.end - performance.now())
  let told = ''
  let asked = first
  const signal = AbortSignal.any([context.signal, over.signal])
  const options = {
    signal,
    environment: context.environment,
    onProgress: (message: string) => {
      // A later turn begins with what the one before it has said already.
      if (message === told) return
      told = message
      return context.progress(message, node.hostname)
    },
  }
  /** false: its turn is over or another server is to be asked, and there is time for it. */
  const watched = async (): Promise<boolean> => {
    const deadline = Math.min(waiting.turn, left())
    const waited = performance.now() - began
    const wanted = { node: node.hostname, version: stage.cluster.version, voter: node.role !== 'worker' }
    try {
      await awaitNode(hosts, asked, { ...wanted, waited, deadline, ...options })
      return true
    } catch (error) {
      if (signal.aborted || performance.now() >= waiting.end - shortest || !(error instanceof SlipwayError)) throw error
      // A watch that ends in time says whom it has asked; one that does not is of a server that hangs.
      const hasAnswered = 'asked' in error.facts
      const next = !hasAnswered && outOfReach.has(error.code) ? await waiting.next(asked) : null
      const isOver = error.code === 'stage-timeout'
      if (!isOver && (next === null || next === asked)) throw error
      asked = next ?? asked
      return false
    }
  }
  const registered = async (): Promise<void> => {
    while (!(await waiting.session(watched)));
  }
  try {
    let settled = false
    const early = waiting.early ? registered().finally(() => (settled = true)) : null
    early?.catch(() => {})
    const wanted = { unit: unitOf(node), deadline: left(), dataDir: dataDirOf(stage) }
    const service = await awaitService(hosts, node.hostname, { ...wanted, ...options })
    // What it said before the service was up may be of the time before a restart.
    await (early && !settled ? early : registered())
    return service
  } catch (error) {
    throw withStartRemedy(error, node.hostname)
  } finally {
    over.abort()
  }
}
