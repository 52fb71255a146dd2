import { describe, expect, it } from 'vitest'
import type { Member } from './etcd-client.ts'
import { annotations, finalizers, nextStep, type NodeView, voterCondition } from './member-rules.ts'

const member: Member = {
  id: '7',
  name: 's1-aa',
  peerUrls: ['https://10.0.0.1:2380'],
  clientUrls: ['https://10.0.0.1:2379'],
  learner: false,
}

const server = (changes: Partial<NodeView> = {}, more: Record<string, string> = {}): NodeView => ({
  name: 's1',
  deleting: false,
  server: true,
  annotations: { [annotations.memberName]: 's1-aa', [annotations.memberAddress]: '10.0.0.1', ...more },
  finalizers: [finalizers.node, finalizers.member],
  voterCondition: undefined,
  voterReason: undefined,
  ...changes,
})

describe('what the leader does about a Node', () => {
  it('guards a new Node with finalizers, a server with that of its member too', () => {
    expect(nextStep(server({ finalizers: ['other'] }), [member])).toEqual({
      kind: 'guard',
      finalizers: ['other', finalizers.node, finalizers.member],
    })
    expect(nextStep(server({ server: false, finalizers: [] }), [member])).toEqual({
      kind: 'guard',
      finalizers: [finalizers.node],
    })
  })

  it('removes the member of an annotated server once, and says so even when the member is gone already', () => {
    const asked = server({}, { [annotations.remove]: 'True' })
    expect(nextStep(asked, [member])).toEqual({ kind: 'remove-member', member, name: 's1-aa' })
    expect(nextStep(asked, [])).toEqual({ kind: 'remove-member', member: undefined, name: 's1-aa' })
    expect(nextStep(server({}, { [annotations.remove]: 'false' }), [member]).kind).toBe('nothing')
    expect(nextStep(server({}, { [annotations.remove]: 'true', [annotations.removed]: 's1-aa' }), []).kind).toBe(
      'nothing',
    )
  })

  it('never removes a member of that name at another address', () => {
    const moved = { ...member, peerUrls: ['https://10.0.0.9:2380'] }
    expect(nextStep(server({}, { [annotations.remove]: 'true' }), [moved])).toMatchObject({ member: undefined })
  })

  it('resets the annotations when a removed server has come back under a new member name', () => {
    const back = server({}, { [annotations.remove]: 'true', [annotations.removed]: 's1-old' })
    expect(nextStep(back, [member])).toEqual({ kind: 'reset-removal' })
  })

  it('finishes the deletion of a server with its member, of an agent without one, and leaves other finalizers', () => {
    const own = [finalizers.node, finalizers.member]
    expect(nextStep(server({ deleting: true, finalizers: ['x', ...own] }), [member])).toEqual({
      kind: 'finish-deletion',
      member,
      finalizers: ['x'],
    })
    expect(nextStep(server({ deleting: true, server: false }), [member])).toMatchObject({ member: undefined })
    expect(nextStep(server({ deleting: true, finalizers: ['x'] }), [member]).kind).toBe('nothing')
  })
})

describe('the condition EtcdIsVoter', () => {
  it('follows the member list', () => {
    expect(voterCondition(server(), [member]).status).toBe('True')
    expect(voterCondition(server(), [{ ...member, learner: true }])).toMatchObject({
      status: 'False',
      reason: 'MemberIsLearner',
    })
    expect(voterCondition(server(), [])).toMatchObject({ status: 'False', reason: 'NotAMember' })
  })
})
