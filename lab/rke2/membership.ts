import { setTimeout as delay } from 'node:timers/promises'
import type { EtcdClient, Member } from './etcd-client.ts'
import { isStatus, type KubernetesApi } from './kubernetes-api.ts'
import { explain, log } from './log.ts'
import { annotations, type NodeView, nextStep, viewOf, voterCondition } from './member-rules.ts'
import { deleteNodePassword } from './node-password.ts'

const pause = 1000
/** A learner that makes no progress for this long is removed, as in RKE2. */
const longestStall = 300_000

interface Progress {
  id: string
  index: string
  since: number
}

/**
 * The controllers of the server whose etcd leads: promotes learners, removes members that are annotated or whose Node is
 * deleted, keeps the condition EtcdIsVoter. Runs on every server; only the leader acts.
 */
export async function manageMembers(etcd: EtcdClient, api: KubernetesApi, stopped: AbortSignal): Promise<void> {
  let progress: Progress = { id: '', index: '', since: 0 }
  let told = ''
  while (!stopped.aborted) {
    try {
      const status = await etcd.status()
      if (status.memberId === status.leader) {
        progress = await promoteLearner(etcd, await etcd.members(), progress)
        await manageNodes(etcd, api)
      }
      told = ''
    } catch (error) {
      const reason = explain(error)
      if (reason !== told) log.warn(`etcd member management: ${reason}`)
      told = reason
    }
    await delay(pause, undefined, { signal: stopped }).catch(() => undefined)
  }
}

async function promoteLearner(etcd: EtcdClient, members: readonly Member[], before: Progress): Promise<Progress> {
  const learner = members.find(member => member.learner)
  if (learner === undefined) return { id: '', index: '', since: 0 }
  // Before it has started, a learner has no name, and etcd refuses to promote it.
  try {
    await etcd.promote(learner.id)
    log.info(`Promoted learner ${learner.name}`)
    return { id: '', index: '', since: 0 }
  } catch (error) {
    const now = Date.now()
    if (before.id !== learner.id || before.index !== learner.name)
      return { id: learner.id, index: learner.name, since: now }
    if (now - before.since > longestStall) {
      await etcd.remove(learner.id)
      log.warn(`Removed learner ${learner.name} from etcd cluster: ${explain(error)}`)
    }
    return before
  }
}

async function manageNodes(etcd: EtcdClient, api: KubernetesApi): Promise<void> {
  for (const node of await api.items('/api/v1/nodes')) {
    const view = viewOf(node)
    // The member list is read for each node: the step before may have changed it.
    const members = await etcd.members()
    try {
      await act(etcd, api, view, members)
      if (view.server && !view.deleting) await showVoter(api, view, members)
    } catch (error) {
      if (!isStatus(error, 404) && !isStatus(error, 409)) throw new Error(`node ${view.name}`, { cause: error })
    }
  }
}

async function act(etcd: EtcdClient, api: KubernetesApi, view: NodeView, members: readonly Member[]): Promise<void> {
  const path = `/api/v1/nodes/${view.name}`
  const step = nextStep(view, members)
  switch (step.kind) {
    case 'nothing':
      return
    case 'guard':
      await api.patch(path, { metadata: { finalizers: step.finalizers } })
      return
    case 'reset-removal':
      await api.patch(path, {
        metadata: { annotations: { [annotations.removed]: null, [annotations.remove]: 'false' } },
      })
      return
    case 'remove-member': {
      await removeMember(etcd, step.member)
      const changed = {
        [annotations.removed]: step.name,
        [annotations.memberName]: null,
        [annotations.memberAddress]: null,
      }
      await api.patch(path, { metadata: { annotations: changed } })
      return
    }
    case 'finish-deletion':
      await removeMember(etcd, step.member)
      await deleteNodePassword(api, view.name)
      await api.patch(path, { metadata: { finalizers: step.finalizers } })
      log.info(`Node ${view.name} is deleted`)
  }
}

async function removeMember(etcd: EtcdClient, member: Member | undefined): Promise<void> {
  if (member === undefined) return
  log.info(`Removing name=${member.name} id=${member.id} address=${member.peerUrls.join()} from etcd`)
  await etcd.remove(member.id)
}

async function showVoter(api: KubernetesApi, view: NodeView, members: readonly Member[]): Promise<void> {
  const wanted = voterCondition(view, members)
  if (view.voterCondition === wanted.status && view.voterReason === wanted.reason) return
  const now = new Date().toISOString()
  const condition = { type: 'EtcdIsVoter', ...wanted, lastHeartbeatTime: now, lastTransitionTime: now }
  await api.patch(`/api/v1/nodes/${view.name}/status`, { status: { conditions: [condition] } }, 'strategic')
}
