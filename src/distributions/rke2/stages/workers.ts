import { playError, type PlayedHost } from '../../../ansible/failures.ts'
import { overHosts } from '../../../clusters/transient.ts'
import { errorLine, SlipwayError, toSlipwayError } from '../../../domain/errors.ts'
import { atMost } from '../../../engine/plan/atMost.ts'
import type { AttemptContext, Stage } from '../../../engine/contract/stage.ts'
import { behind, missedNode, withoutHosts } from '../absent.ts'
import type { NodeArguments, StageArguments } from '../arguments.ts'
import { askedServer } from '../askedServer.ts'
import { type Doing, doingOf, ends, tellDoing } from '../doing.ts'
import { reached } from '../observedHost.ts'
import { type ObservedCluster, hostKey, observeCluster } from '../observeCluster.ts'
import { nodeChanges, writingVariables } from '../nodeState.ts'
import { playEach } from '../play.ts'
import { unlockNames } from '../removal/nodePassword.ts'
import { formedFindings, memberPrerequisites } from '../prerequisites.ts'
import { agentReady, batchReadyBy, type BatchWait, memberTimeout, watchesAtOnce } from '../ready.ts'
import { reasonOf } from '../reasons.ts'
import type { Rke2Session } from '../session.ts'
import { type Wanted, wantedJoiner } from '../wanted.ts'

interface Observed {
  readonly seen: ObservedCluster
  readonly wanted: ReadonlyMap<string, Wanted>
}

/** What an attempt has begun to do, and what has come of it so far. */
interface Begun {
  /** By hostname; of hosts that an earlier attempt had set up only the end is seen. */
  readonly doing: ReadonlyMap<string, Doing>
  readonly failed: readonly PlayedHost[]
  /** ms of `performance.now()` */
  readonly at: number
}

const playbook = 'install_workers.yml'

/** A batch of agents, in parallel. One that fails does not stop the others; each has its own result on record. */
export function workers(stage: StageArguments, session: Rke2Session): Stage<Observed, unknown, Begun> {
  const { nodes, cluster } = stage
  const installed_version = cluster.version
  const changesOf = ({ seen, wanted }: Observed) =>
    reached(seen.nodes).map(host => ({ host, changes: nodeChanges(host, wantedOf(wanted, host.node), seen) }))
  /** A host with nothing left to do may have recovered by itself after an earlier attempt had given it up. */
  const works = (hostname: string) => [{ type: 'node-works', hostname, installed_version } as const]
  return {
    timeout: memberTimeout(stage),
    retry: overHosts,
    touches: nodes.map(node => hostKey(node.hostname)),
    hosts: nodes.map(node => node.hostname),
    records: {
      started: [{ type: 'installation-stage', stage: 'workers' }],
      skipped: leftOut => nodes.flatMap(({ hostname }) => (leftOut.has(hostname) ? [] : works(hostname))),
      leftOut: behind,
      batch: {
        begun: hostname => [{ type: 'node', hostname, event: 'install' }],
        idle: works,
        done: hostname => [{ type: 'node', hostname, event: 'ready', installed_version }],
        failed: (hostname, error) => [{ type: 'node', hostname, event: 'fail', error }],
        missed: missedNode,
      },
    },
    async observe(context) {
      session.startPlay(playbook, nodes.length, context)
      const seen = await observeCluster(session, stage, context)
      const wanted = await Promise.all(
        nodes.map(async node => [node.hostname, await wantedJoiner(session, stage, node, seen)] as const),
      )
      return { seen, wanted: new Map(wanted) }
    },
    checkPrerequisites: ({ seen }) => [...memberPrerequisites(seen, stage), ...formedFindings(seen)],
    without({ seen, ...rest }, hosts) {
      const left = withoutHosts(seen.nodes, hosts)
      return left.length === 0 ? null : { ...rest, seen: { ...seen, nodes: left } }
    },
    shouldRun(observed) {
      const seen = observed.seen.nodes
      const changes = changesOf(observed).flatMap(each => each.changes)
      if (changes.length === 0)
        return {
          kind: 'skip',
          reason:
            seen.length === 1
              ? `${seen[0]?.node.hostname} is a working agent`
              : `all ${seen.length} are working agents`,
        }
      return { kind: 'run', reason: reasonOf(changes), changes }
    },
    async execute(context, observed) {
      const isMember = (hostname: string) => observed.seen.members?.has(hostname) ?? true
      const doing = new Map(
        changesOf(observed)
          .filter(({ changes }) => changes.length > 0)
          .map(({ host: { node }, changes }) => [
            node.hostname,
            doingOf(node.hostname, changes, isMember(node.hostname)),
          ]),
      )
      const at = await begin(context, doing)
      const batch = nodes.filter(({ hostname }) => doing.has(hostname))
      const joining = batch.map(({ hostname }) => hostname).filter(hostname => !isMember(hostname))
      if (joining.length > 0) await session.api(context.signal, client => unlockNames(client, joining, context.signal))
      const files = new Map(batch.map(node => [node.hostname, wantedOf(observed.wanted, node).write]))
      const hosts = new Map(reached(observed.seen.nodes).map(host => [host.node.hostname, host]))
      const hostVariables = (node: NodeArguments) => {
        const host = hosts.get(node.hostname)
        return host ? writingVariables(host, wantedOf(observed.wanted, node), observed.seen) : {}
      }
      const results = await playEach(
        session,
        { playbook, arguments: stage, nodes: batch, files, hostVariables },
        context,
      )
      const failed = results.filter(result => result.error !== null)
      for (const { host, outcome, error } of failed)
        await context.hostResult(
          host,
          outcome === 'unreachable' ? 'unreachable' : 'failed',
          error ? errorLine(error) : outcome,
        )
      return { doing, failed, at }
    },
    async waitForReady(context, begun) {
      const { doing, failed, at } = begun ?? (await goOn(nodes, context))
      const started = nodes.filter(
        ({ hostname }) => doing.has(hostname) && !failed.some(result => result.host === hostname),
      )
      const wait = {
        end: batchReadyBy(stage, at),
        agents: started.length,
        server: askedServer(session, stage, context),
        slot: atMost(watchesAtOnce),
      }
      const waited = await Promise.all(
        started.map(async (node): Promise<PlayedHost> => {
          const error = await ready(node, wait)
          return { host: node.hostname, outcome: error ? 'failed' : 'changed', recap: null, error }
        }),
      )
      const error = batchError([...failed, ...waited])
      if (error) throw error

      async function ready(node: NodeArguments, batch: BatchWait): Promise<SlipwayError | null> {
        const { hostname } = node
        try {
          await agentReady(session, stage, node, context, batch)
          await context.hostResult(hostname, 'changed', ends[doing.get(hostname) ?? 'wait'])
          return null
        } catch (thrown) {
          context.signal.throwIfAborted()
          const told = toSlipwayError(thrown)
          await context.hostResult(hostname, 'failed', errorLine(told))
          return told
        }
      }
    },
  }
}

/** Returns when it was, ms of `performance.now()`. */
async function begin(context: AttemptContext, doing: ReadonlyMap<string, Doing>): Promise<number> {
  const at = performance.now()
  const message = doing.size === 0 ? 'all of them are ready already' : tellDoing(doing)
  await context.beginHosts([...doing.keys()], message)
  return at
}

/** An earlier attempt had set up all of them, and nobody saw the end of some. */
async function goOn(nodes: readonly NodeArguments[], context: AttemptContext): Promise<Begun> {
  const finished = await context.finishedHosts()
  const open = nodes.filter(({ hostname }) => !finished.has(hostname) && !context.leftOut.has(hostname))
  const doing = new Map<string, Doing>(open.map(({ hostname }) => [hostname, 'wait']))
  return { doing, failed: [], at: await begin(context, doing) }
}

/** One finding a host; where all of them failed of the same thing, that is it. */
function batchError(ended: readonly PlayedHost[]): SlipwayError | null {
  const errors = ended.flatMap(({ error }) => error ?? [])
  const [first] = errors
  return first && errors.every(({ message }) => message === first.message) ? first : playError(ended)
}

function wantedOf(wanted: ReadonlyMap<string, Wanted>, node: NodeArguments): Wanted {
  const found = wanted.get(node.hostname)
  if (!found) throw new SlipwayError('internal', `${node.hostname} is not of this batch`)
  return found
}
