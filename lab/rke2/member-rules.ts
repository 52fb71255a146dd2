import { hostOf } from './address.ts'
import type { Member } from './etcd-client.ts'
import { at, text, textMap, texts } from './json.ts'

// What the leader's controllers do about a Node, decided from the Node and the member list alone.

export const annotations = {
  remove: 'etcd.rke2.cattle.io/remove',
  removed: 'etcd.rke2.cattle.io/removed-node-name',
  memberName: 'etcd.rke2.cattle.io/node-name',
  memberAddress: 'etcd.rke2.cattle.io/node-address',
}

/** These keep a deleted Node until its member and its password are gone. */
export const finalizers = { node: 'wrangler.cattle.io/node', member: 'wrangler.cattle.io/managed-etcd-controller' }

export interface NodeView {
  name: string
  deleting: boolean
  server: boolean
  annotations: Record<string, string>
  finalizers: string[]
  voterCondition: string | undefined
  voterReason: string | undefined
}

export function viewOf(node: unknown): NodeView {
  const conditions = at(node, 'status', 'conditions')
  const voter = Array.isArray(conditions) ? conditions.find(item => at(item, 'type') === 'EtcdIsVoter') : undefined
  return {
    name: text(at(node, 'metadata', 'name')) ?? '',
    deleting: at(node, 'metadata', 'deletionTimestamp') !== undefined,
    server: 'node-role.kubernetes.io/etcd' in textMap(at(node, 'metadata', 'labels')),
    annotations: textMap(at(node, 'metadata', 'annotations')),
    finalizers: texts(at(node, 'metadata', 'finalizers')),
    voterCondition: text(at(voter, 'status')),
    voterReason: text(at(voter, 'reason')),
  }
}

export type Step =
  | { kind: 'nothing' }
  | { kind: 'guard'; finalizers: string[] }
  | { kind: 'remove-member'; member: Member | undefined; name: string }
  | { kind: 'reset-removal' }
  | { kind: 'finish-deletion'; member: Member | undefined; finalizers: string[] }

function memberOf(view: NodeView, members: readonly Member[]): Member | undefined {
  const name = view.annotations[annotations.memberName]
  const address = view.annotations[annotations.memberAddress]
  return members.find(member => member.name === name && member.peerUrls.some(url => hostOf(url) === address))
}

/** The next thing to do for a Node; asked again after each. */
export function nextStep(view: NodeView, members: readonly Member[]): Step {
  const guards = [finalizers.node, ...(view.server ? [finalizers.member] : [])]
  const name = view.annotations[annotations.memberName]
  if (view.deleting) {
    const left = view.finalizers.filter(finalizer => !guards.includes(finalizer))
    if (left.length === view.finalizers.length) return { kind: 'nothing' }
    return { kind: 'finish-deletion', member: view.server ? memberOf(view, members) : undefined, finalizers: left }
  }
  const missing = guards.filter(guard => !view.finalizers.includes(guard))
  if (missing.length > 0) return { kind: 'guard', finalizers: [...view.finalizers, ...missing] }
  if (!view.server || view.annotations[annotations.remove] === undefined) return { kind: 'nothing' }
  const removed = view.annotations[annotations.removed]
  if (removed !== undefined)
    return name === undefined || name === removed ? { kind: 'nothing' } : { kind: 'reset-removal' }
  if (view.annotations[annotations.remove]?.toLowerCase() !== 'true' || name === undefined) return { kind: 'nothing' }
  return { kind: 'remove-member', member: memberOf(view, members), name }
}

/** The condition EtcdIsVoter that a server's Node should show. */
export function voterCondition(
  view: NodeView,
  members: readonly Member[],
): { status: string; reason: string; message: string } {
  const member = memberOf(view, members)
  if (member === undefined)
    return { status: 'False', reason: 'NotAMember', message: 'Node is not a member of the etcd cluster' }
  return member.learner
    ? {
        status: 'False',
        reason: 'MemberIsLearner',
        message: 'Node has not been promoted to voting member of the etcd cluster',
      }
    : { status: 'True', reason: 'MemberNotLearner', message: 'Node is a voting member of the etcd cluster' }
}
