import { playError, type PlayedHost } from '../../../ansible/failures.ts'
import { SlipwayError, toSlipwayError } from '../../../domain/errors.ts'
import { atMost } from '../../../engine/plan/atMost.ts'
import type { AttemptContext, Stage } from '../../../engine/contract/stage.ts'
import { behind, missedNode, withoutHosts } from '../absent.ts'
import type { NodeArguments, StageArguments } from '../arguments.ts'
import { askedServer } from '../askedServer.ts'
import { type Doing, doingOf, ends, tellDoing } from '../doing.ts'
import { reached } from '../hostLook.ts'
import { type ClusterLook, hostKey, look } from '../look.ts'
import { nodeChanges } from '../nodeState.ts'
import { playEach } from '../play.ts'
import { formedFindings, memberPrerequisites } from '../prerequisites.ts'
import { agentReady, batchReadyBy, type BatchWait, memberTimeout, sessionsAtOnce } from '../ready.ts'
import { reasonOf } from '../reasons.ts'
import type { Rke2Session } from '../session.ts'
import { type Wanted, wantedJoiner } from '../wanted.ts'
import { oneLine } from './records.ts'

interface Observed {
  readonly seen: ClusterLook
  readonly wanted: ReadonlyMap<string, Wanted>
}

/** A batch of agents, in parallel. One that fails does not stop the others; each has its own result on record. */
export function workers(stage: StageArguments, session: Rke2Session): Stage<Observed> {
  const { nodes, cluster } = stage
  /** Hosts that this attempt works on; the play and the waiting agree on them. */
  let working: readonly NodeArguments[] | null = null
  let failed: readonly PlayedHost[] = []
  let began = 0
  /** Hosts of the attempt that have their own result on record. */
  const settled = new Set<string>()
  /** A host with nothing left to do may have recovered by itself after an earlier attempt had given it up. */
  const works = ({ hostname }: NodeArguments) =>
    ({ type: 'node-works', hostname, installed_version: cluster.version }) as const
  /** What this attempt does to each host; of those that an earlier one had set up only the end is seen. */
  let doing: ReadonlyMap<string, Doing> = new Map()
  const begin = async (context: AttemptContext, what: ReadonlyMap<string, Doing>) => {
    doing = what
    const batch = nodes.filter(({ hostname }) => what.has(hostname))
    working = batch
    began = performance.now()
    settled.clear()
    const done = nodes.filter(
      ({ hostname }) => !context.leftOut.has(hostname) && !batch.some(other => other.hostname === hostname),
    )
    await context.record(what.size === 0 ? 'all of them are ready already' : tellDoing(what), [
      ...batch.map(({ hostname }) => ({ type: 'node', hostname, event: 'install' }) as const),
      ...done.map(works),
    ])
    return batch
  }
  /** An earlier attempt had set up all of them, and nobody saw the end of some. */
  const goOn = async (context: AttemptContext) => {
    const finished = await context.finishedHosts()
    const open = nodes.filter(({ hostname }) => !finished.has(hostname) && !context.leftOut.has(hostname))
    return begin(context, new Map(open.map(({ hostname }) => [hostname, 'wait'])))
  }
  const changesOf = ({ seen, wanted }: Observed) =>
    reached(seen.nodes).map(host => ({ host, changes: nodeChanges(host, wantedOf(wanted, host.node), seen) }))
  const fail = async (
    context: AttemptContext,
    hostname: string,
    outcome: 'failed' | 'unreachable',
    error: SlipwayError | null,
  ): Promise<void> => {
    const message = error ? oneLine(error) : outcome
    await context.hostResult(hostname, outcome, message, [failure(hostname, message)])
    settled.add(hostname)
  }
  const settle = async (
    node: NodeArguments,
    context: AttemptContext,
    batch: BatchWait,
  ): Promise<SlipwayError | null> => {
    const { hostname } = node
    try {
      await agentReady(session, stage, node, context, batch)
      const ready = { type: 'node', hostname, event: 'ready', installed_version: cluster.version } as const
      await context.hostResult(hostname, 'changed', ends[doing.get(hostname) ?? 'wait'], [ready])
      settled.add(hostname)
      return null
    } catch (error) {
      context.signal.throwIfAborted()
      const told = toSlipwayError(error)
      await fail(context, hostname, 'failed', told)
      return told
    }
  }
  return {
    timeout: memberTimeout(stage),
    touches: nodes.map(node => hostKey(node.hostname)),
    hosts: nodes.map(node => node.hostname),
    records: {
      started: [{ type: 'installation-stage', stage: 'workers' }],
      skipped: leftOut => nodes.filter(({ hostname }) => !leftOut.has(hostname)).map(works),
      leftOut: behind,
      missed: missedNode,
      // Those that nobody has heard the end of when the stage was stopped.
      failed: error =>
        (working ?? [])
          .filter(({ hostname }) => !settled.has(hostname))
          .map(({ hostname }) => failure(hostname, oneLine(error))),
    },
    async observe(context) {
      const seen = await look(session, stage, context)
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
      const lacking = changesOf(observed).filter(each => each.changes.length > 0)
      const isMember = (hostname: string) => observed.seen.members?.has(hostname) ?? true
      const batch = await begin(
        context,
        new Map(
          lacking.map(
            ({
              host: {
                node: { hostname },
              },
              changes,
            }) => [hostname, doingOf(hostname, changes, isMember(hostname))],
          ),
        ),
      )
      const files = new Map(batch.map(node => [node.hostname, wantedOf(observed.wanted, node).write]))
      const results = await playEach(
        session,
        { playbook: 'install_workers.yml', arguments: stage, nodes: batch, files },
        context,
      )
      failed = results.filter(result => result.error !== null)
      for (const { host, outcome, error } of failed)
        await fail(context, host, outcome === 'unreachable' ? 'unreachable' : 'failed', error)
    },
    async waitForReady(context) {
      const batch = working ?? (await goOn(context))
      const started = batch.filter(node => !failed.some(result => result.host === node.hostname))
      const wait = {
        end: batchReadyBy(stage, began),
        agents: started.length,
        server: askedServer(session, stage, context),
        session: atMost(sessionsAtOnce),
      }
      const waited = await Promise.all(
        started.map(async (node): Promise<PlayedHost> => {
          const error = await settle(node, context, wait)
          return { host: node.hostname, outcome: error ? 'failed' : 'changed', recap: null, error }
        }),
      )
      const error = batchError([...failed, ...waited])
      if (error) throw error
    },
  }
}

/** One finding a host; where all of them failed of the same thing, that is it. */
function batchError(ended: readonly PlayedHost[]): SlipwayError | null {
  const errors = ended.flatMap(({ error }) => error ?? [])
  const [first] = errors
  return first && errors.every(({ message }) => message === first.message) ? first : playError(ended)
}

const failure = (hostname: string, error: string) => ({ type: 'node', hostname, event: 'fail', error }) as const

function wantedOf(wanted: ReadonlyMap<string, Wanted>, node: NodeArguments): Wanted {
  const found = wanted.get(node.hostname)
  if (!found) throw new SlipwayError('internal', `${node.hostname} is not of this batch`)
  return found
}
