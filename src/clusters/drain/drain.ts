import { isReady } from '../../kubernetes/nodeStanding.ts'
import { z } from 'zod'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { Change, Stage, Unmet } from '../../engine/contract/stage.ts'
import { Writes } from '../../engine/contract/writes.ts'
import type { DomainChange } from '../../domain/changes.ts'
import { clusterName, hostname } from '../../domain/names.ts'
import { uncordon } from '../../kubernetes/drain/cordon.ts'
import { covers, holdsOf } from '../../kubernetes/drain/budgets.ts'
import { drainNode } from '../../kubernetes/drain/drainNode.ts'
import { listed } from '../../kubernetes/drain/listed.ts'
import { fateOf } from '../../kubernetes/drain/podFates.ts'
import { refusedDrain } from '../../kubernetes/drain/refusedDrain.ts'
import { placeName } from '../../kubernetes/resource.ts'
import type { Pod } from '../../kubernetes/resources.ts'
import { type ApiSession, type ApiSessionOf, withClusterApi } from '../clusterApi.ts'
import { overHosts } from '../transient.ts'
import { drainUnlessLost } from './drainUnlessLost.ts'
import { noSuchNode } from './noSuchNode.ts'
import { podsOn, type PodsOnNode, sharedLooks } from './podsOn.ts'

const drainArguments = z.strictObject({
  cluster: clusterName,
  node: hostname,
  delete_emptydir_data: z.boolean(),
  delete_unmanaged: z.boolean(),
  timeout_s: z.int().min(1),
  /** It leaves the cluster, and may have left it. */
  leaves: z.boolean().default(false),
  /** That its machine is lost was accepted: where its kubelet does not answer its pods cannot end, and need not. */
  may_be_lost: z.boolean().default(false),
})
type DrainArguments = z.infer<typeof drainArguments>

/** ms around the eviction itself: looking, the cordon, and telling what was in the way. */
const around = 60_000

/** Cordons one node and evicts its pods. It stays cordoned, unless the run is cancelled meanwhile. */
export const drainStage = defineStage({
  kind: 'cluster/drain',
  arguments: drainArguments,
  stage: (given, sessionOf: ApiSessionOf) => drain(given, sessionOf(given.cluster)),
})

function drain(given: DrainArguments, session: ApiSession): Stage<PodsOnNode> {
  const { node: name, timeout_s } = given
  // One that leaves may never have become a member.
  const draining: DomainChange = given.leaves
    ? { type: 'node-leaves', hostname: name, leaving: 'begun' }
    : { type: 'node', hostname: name, event: 'drain' }
  const allowed = { emptyDir: given.delete_emptydir_data, unmanaged: given.delete_unmanaged }
  const fatesIn =
    ({ daemonSets }: PodsOnNode) =>
    (pod: Pod) =>
      fateOf(pod, daemonSets, allowed)
  /** Why there is nothing to drain. */
  const idle = ({ node }: PodsOnNode): string | null => {
    if (!node) return given.leaves ? `${name} is no member any more` : null
    return given.may_be_lost && !isReady(node) ? `${name} is lost, as was accepted` : null
  }
  const going = (seen: PodsOnNode) => seen.pods.filter(pod => fatesIn(seen)(pod).kind !== 'left')
  return {
    timeout: timeout_s * 1000 + around,
    retry: overHosts,
    touches: [sharedLooks],
    records: { started: [draining], skipped: () => [draining] },
    observe: context => withClusterApi(session, context.signal, client => podsOn(client, name, context)),
    checkPrerequisites(seen) {
      if (idle(seen) !== null) return []
      return seen.node ? [...inTheWay(seen), ...heldNow(seen)] : [noSuchNode(name)]
    },
    shouldRun(seen) {
      const reason = idle(seen)
      if (reason !== null) return { kind: 'skip', reason }
      const pods = going(seen)
      const isCordoned = seen.node?.spec.unschedulable === true
      if (isCordoned && pods.length === 0)
        return { kind: 'skip', reason: `${name} is cordoned, and has no pods to evict` }
      // Until it is cordoned more of them may come, as those of the node that was drained before it.
      const evict: Change = { effect: 'delete', target: `node/${name}/pods`, summary: `evict ${told(pods)}` }
      const cordon: Change = { effect: 'update', target: `node/${name}/scheduling`, summary: 'cordon: no new pods' }
      return {
        kind: 'run',
        reason: `${name} is to be free of pods`,
        changes: isCordoned ? [evict] : [cordon, evict],
      }
    },
    async execute(context) {
      const { signal } = context
      const progress = new Writes()
      await withClusterApi<unknown>(session, signal, client =>
        (given.may_be_lost ? drainUnlessLost : drainNode)(client, name, {
          signal,
          deadline: timeout_s * 1000,
          allowed,
          onProgress: line => progress.add(context.progress(line, name)),
        }),
      ).finally(() => progress.done())
    },
    // `drainNode` has waited until the pods were gone.
    async waitForReady() {},
    async letGo({ signal }, end) {
      // One that failed evicts nothing more, and goes on from its cordon with a resume.
      if (end === 'failed') return []
      await withClusterApi(session, signal, client => uncordon(client, name, { signal }))
      return [{ type: 'node-uncordoned', hostname: name }]
    },
  }

  function inTheWay(seen: PodsOnNode): Unmet[] {
    const refusal = refusedDrain(name, seen.pods, fatesIn(seen))
    if (!refusal) return []
    const { message } = refusal
    return [
      {
        name: 'pods-would-be-lost',
        severity: 'error',
        about: `node ${name}`,
        message,
        remedy: `Save what is needed and remove these pods, or allow that they are lost: --delete-emptydir-data, --delete-unmanaged.`,
      },
    ]
  }

  function heldNow(seen: PodsOnNode): Unmet[] {
    const held = going(seen).filter(pod => {
      const covering = seen.budgets.filter(budget => covers(budget, pod))
      return covering.length > 1 || covering.some(({ status }) => status?.disruptionsAllowed === 0)
    })
    return holdsOf(held, seen.budgets, new Map()).map(({ message, remedy }) => ({
      name: 'disruption-budget',
      severity: 'warning',
      about: `node ${name}`,
      message,
      remedy: `${remedy} Or accept it: the drain then waits for it, as long as it may take.`,
    }))
  }
}

function told(pods: readonly Pod[]): string {
  if (pods.length === 0) return 'its pods (none now)'
  const names = listed(pods.map(({ metadata }) => placeName(metadata)))
  return `${pods.length === 1 ? '1 pod' : `${pods.length} pods`}: ${names}`
}
