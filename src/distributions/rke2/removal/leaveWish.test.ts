import { expect, it } from 'vitest'
import type { ClusterClient } from '../../../kubernetes/client.ts'
import type { Node } from '../../../kubernetes/resources.ts'
import { etcdMember } from '../machineFacts.fixture.ts'
import { missingOfLeaving, takeWishBack, wishToLeave } from './leaveWish.ts'

const { signal } = new AbortController()
const nodeWith = (annotations: Readonly<Record<string, string>>, status: Node['status'] = {}): Node => ({
  metadata: { name: 'm2', uid: 'u', resourceVersion: '1', annotations },
  spec: {},
  status,
})

/** What was written, where the cluster has this Node. */
async function wished(node: Node | null, member = etcdMember('m2')): Promise<unknown> {
  const written: unknown[] = []
  const client: Pick<ClusterClient, 'get' | 'patch' | 'create'> = {
    get: async ({ shape }) => node && shape.parse(node),
    async create({ shape }, object) {
      written.push(object)
      return shape.parse(nodeWith({}))
    },
    async patch({ shape }, _place, { body }) {
      written.push(body)
      return shape.parse(nodeWith({}))
    },
  }
  await wishToLeave(client, 'm2', member, signal)
  return written[0]
}
const wish = { 'etcd.rke2.cattle.io/remove': 'true' }
const naming = (name: string, address: string) => ({
  'etcd.rke2.cattle.io/node-name': name,
  'etcd.rke2.cattle.io/node-address': address,
})

it('a Node that names its member is only told to let it go', async () => {
  const own = naming('m2-0a0a0a0a', 'm2.example')
  expect(await wished(nodeWith(own))).toEqual({ metadata: { annotations: wish } })
})

it('a Node that names an older member is told whose it is now, and that nobody has gone yet', async () => {
  const done = 'etcd.rke2.cattle.io/removed-node-name'
  const older = { ...naming('m2-11111111', 'm2.example'), [done]: 'm2-11111111' }
  expect(await wished(nodeWith(older))).toMatchObject({
    metadata: { annotations: { ...wish, ...naming('m2-0a0a0a0a', 'm2.example'), [done]: null } },
  })
})

it('a Node that does not name its member yet is told whose it is', async () => {
  expect(await wished(nodeWith({}))).toEqual({
    metadata: {
      labels: { 'node-role.kubernetes.io/etcd': 'true' },
      annotations: { ...wish, ...naming('m2-0a0a0a0a', 'm2.example') },
    },
  })
})

it('a member without a Node gets one, also a learner that has never started and has an address only', async () => {
  const learner = { ...etcdMember('m2'), name: '', learner: true, peer_urls: ['https://[fd00::2]:2380'] }
  expect(await wished(null, learner)).toEqual({
    metadata: {
      name: 'm2',
      labels: { 'node-role.kubernetes.io/etcd': 'true' },
      annotations: { ...wish, ...naming('', 'fd00::2'), 'slipway/entered-to-leave': 'true' },
    },
    spec: { unschedulable: true },
  })
})

it('it has left when RKE2 says so on its Node, or the Node is gone', () => {
  expect(missingOfLeaving(null)).toBe(null)
  expect(missingOfLeaving(nodeWith({ 'etcd.rke2.cattle.io/removed-node-name': '' }))).toBe(null)
  expect(missingOfLeaving(nodeWith(wish))).toContain('not taken')
})

/** What is done to a Node when the wish is taken back. */
async function takenBack(node: Node | null): Promise<unknown[]> {
  const done: unknown[] = []
  const client: Pick<ClusterClient, 'get' | 'patch' | 'remove'> = {
    get: async ({ shape }) => node && shape.parse(node),
    async patch({ shape }, _place, { body }) {
      done.push(body)
      return shape.parse(nodeWith({}))
    },
    async remove(_kind, { name }, { uid }) {
      done.push(`${name} ${uid}`)
      return true
    },
  }
  await takeWishBack(client, 'm2', signal)
  return done
}
const noWish = { 'etcd.rke2.cattle.io/remove': null }

it('a member that has not left yet stays when the wish is taken back', async () => {
  expect(await takenBack(nodeWith({ ...wish, ...naming('m2-11111111', 'm2') }))).toEqual([
    { metadata: { annotations: noWish } },
  ])
})

it('a Node that was entered for the wish goes with it, and takes no member along; one that a machine has taken up stays', async () => {
  const own = { ...wish, ...naming('', 'fd00::2'), 'slipway/entered-to-leave': 'true' }
  expect(await takenBack(nodeWith(own))).toEqual([
    { metadata: { annotations: { ...noWish, ...naming('none', 'none') } } },
    'm2 u',
  ])
  const registered = { nodeInfo: { kubeletVersion: 'v1.34.1+rke2r1' } }
  expect(await takenBack(nodeWith(own, registered))).toEqual([{ metadata: { annotations: noWish } }])
})

it.each([
  ['nobody has it', nodeWith({})],
  ['its member has left', nodeWith({ ...wish, 'etcd.rke2.cattle.io/removed-node-name': 'm2-11111111' })],
  ['its Node has gone', null],
])('nothing is taken back where %s', async (_why, node) => {
  expect(await takenBack(node)).toEqual([])
})
