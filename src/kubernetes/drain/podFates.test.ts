import { describe, expect, it } from 'vitest'
import type { Pod } from '../resources.ts'
import { fateOf } from './podFates.ts'
import { refusedDrain } from './refusedDrain.ts'

const owner = (kind: string, uid = 'u-1') => ({ apiVersion: 'apps/v1', kind, name: 'web', uid, controller: true })
const pod = (metadata: Partial<Pod['metadata']>, rest: Partial<Pod> = {}): Pod => ({
  spec: {},
  ...rest,
  metadata: { name: 'web-1', namespace: 'default', uid: 'p', resourceVersion: '1', ...metadata },
})
const managed = { ownerReferences: [owner('ReplicaSet')] }
const emptyDir = { spec: { volumes: [{ name: 'cache', emptyDir: {} }] } }
const daemons = new Set(['u-1'])
const mirror = { annotations: { 'kubernetes.io/config.mirror': 'hash' } }

describe('what becomes of a pod when its node is drained', () => {
  it.each<[string, Pod, unknown]>([
    ['one that comes back elsewhere', pod(managed), { kind: 'evicted' }],
    ['one that runs', pod(managed, { status: { phase: 'Running' } }), { kind: 'evicted' }],
    ['one of the kubelet itself', pod(mirror), { kind: 'left', why: 'static' }],
    ['a DaemonSet’s', pod({ ownerReferences: [owner('DaemonSet')] }, emptyDir), { kind: 'left', why: 'daemon-set' }],
    [
      'a DaemonSet’s that is ending',
      pod({ ownerReferences: [owner('DaemonSet')], deletionTimestamp: 'now' }),
      { kind: 'left', why: 'daemon-set' },
    ],
    ['one that has succeeded', pod({}, { status: { phase: 'Succeeded' } }), { kind: 'left', why: 'finished' }],
    ['one that has failed', pod({}, { status: { phase: 'Failed' } }), { kind: 'left', why: 'finished' }],
    ['one that is ending', pod({ deletionTimestamp: 'now' }, emptyDir), { kind: 'ending' }],
    [
      'one of a DaemonSet that is gone',
      pod({ ownerReferences: [owner('DaemonSet', 'u-2')] }),
      { kind: 'in-the-way', why: ['unmanaged'] },
    ],
    [
      'one whose owner does not bring it back',
      pod({ ownerReferences: [{ ...owner('Node'), controller: false }] }),
      { kind: 'in-the-way', why: ['unmanaged'] },
    ],
    ['one with an emptyDir', pod(managed, emptyDir), { kind: 'in-the-way', why: ['emptyDir'] }],
    ['one with an emptyDir, of nobody', pod({}, emptyDir), { kind: 'in-the-way', why: ['emptyDir', 'unmanaged'] }],
  ])('%s', (_what, found, fate) => {
    expect(fateOf(found, daemons, {})).toEqual(fate)
  })

  it('where a loss is allowed, what would be lost by it is evicted, and nothing else', () => {
    expect(fateOf(pod({}), daemons, { unmanaged: true })).toEqual({ kind: 'evicted' })
    expect(fateOf(pod(managed, emptyDir), daemons, { emptyDir: true })).toEqual({ kind: 'evicted' })
    expect(fateOf(pod({}, emptyDir), daemons, { emptyDir: true })).toEqual({ kind: 'in-the-way', why: ['unmanaged'] })
    expect(fateOf(pod({}, emptyDir), daemons, { unmanaged: true })).toEqual({ kind: 'in-the-way', why: ['emptyDir'] })
    expect(fateOf(pod(mirror), daemons, { emptyDir: true, unmanaged: true }).kind).toBe('left')
  })
})

it('a drain is refused for all that is in the way, told by what would be lost', () => {
  const fate = (found: Pod) => fateOf(found, daemons, {})
  const pods = [
    pod(managed),
    pod({ name: 'lone' }),
    ...'abcdefg'.split('').map(name => pod({ ...managed, name }, emptyDir)),
  ]
  expect(refusedDrain('w1', pods, fate)).toMatchObject({
    code: 'guard-refused',
    message:
      'Node w1 is not drained: the contents of emptyDir volumes would be lost: default/a, default/b, default/c, default/d, default/e and 2 more; nothing would bring these pods back elsewhere: default/lone',
  })
  expect(refusedDrain('w1', [pod(managed)], fate)).toBeNull()
})
