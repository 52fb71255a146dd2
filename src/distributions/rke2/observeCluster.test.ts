import { expect, it } from 'vitest'
import { machineFacts, serverFacts } from './machineFacts.fixture.ts'
import { memberFindings } from './memberGuards.ts'
import { observeCluster } from './observeCluster.ts'
import { reached } from './observedHost.ts'
import { argumentsOfStage, stageBench } from './stageBench.fixture.ts'

const bare = serverFacts('m1', 'm2')
const m1 = { ...bare, data: { ...bare.data, etcd_name: 'm1-0a0a0a0a' } }

/** What a look at m1 finds, where m2 says of its cluster what `m2` gives, a look at a time. */
async function found(m2: readonly (readonly string[])[]) {
  let looks = 0
  const { session, attempt } = stageBench({
    observe: hostname => {
      if (hostname === 'm1') return m1
      if (hostname !== 'm2') return machineFacts({ hostname })
      looks += 1
      return serverFacts('m2', ...(m2[looks - 1] ?? []))
    },
  })
  const given = argumentsOfStage('rke2/join:m2', 2, 0)
  const [first, second] = given.servers
  if (!first || !second) throw new TypeError('two servers were asked for')
  const seen = await observeCluster(session, { ...given, nodes: [first], servers: [second] }, attempt)
  return {
    looks,
    names: reached(seen.nodes).flatMap(host =>
      memberFindings(host, seen, { cluster: { name: 'demo' }, accepted: [] }).map(({ name }) => name),
    ),
  }
}

it('a server that joins between two looks is no cluster of its own: the one that did not know it yet is asked once more', async () => {
  expect(await found([[], ['m1']])).toEqual({ looks: 2, names: [] })
})

it('a server that runs an etcd by itself is still found, after one more look', async () => {
  expect(await found([[], []])).toEqual({ looks: 2, names: ['foreign-data'] })
})

it('nobody is asked twice where all know each other', async () => {
  expect(await found([['m1']])).toEqual({ looks: 1, names: [] })
})
