import { expect, it } from 'vitest'
import { bindStage } from '../../../engine/contract/stage.ts'
import type { ClusterClient } from '../../../kubernetes/client.ts'
import type { HostFacts } from '../host/facts.ts'
import { machineFacts, runningService, stoppedService } from '../machineFacts.fixture.ts'
import { argumentsOfStage, emptyApi, stageBench } from '../stageBench.fixture.ts'
import { leave } from './leave.ts'

const fence = { epoch: 1, number: 1, installation: 'i', cluster: 'other' }
const theirs: HostFacts = machineFacts({
  hostname: 'w1',
  fence,
  services: { 'rke2-server': stoppedService, 'rke2-agent': runningService },
})

/** The removal of w1, whose machine is of another cluster by now. */
async function look(accepted: readonly string[]) {
  const written: string[] = []
  const bench = stageBench({
    observe: () => theirs,
    play: async () => {
      throw new Error('a playbook was played')
    },
  })
  const client: ClusterClient = {
    ...emptyApi,
    async create({ shape }, object) {
      written.push(`create ${object.metadata.name}`)
      return shape.parse({ ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '1' } })
    },
    async remove(_kind, { name }) {
      written.push(`remove ${name}`)
      return true
    },
  }
  const stage = { ...argumentsOfStage('rke2/workers:w1', 1, 1), accepted: [...accepted] }
  const bound = bindStage(bench.of(leave(stage, { ...bench.session, api: (_signal, work) => work(client) })))
  return { bench, written, seen: await bound.observe(bench.attempt) }
}

it('a machine that is another cluster’s by now keeps its node on record until it is left alone by its name', async () => {
  const { seen } = await look([])
  expect(seen.unmet).toMatchObject([
    { name: 'owned-by-another', severity: 'error', remedy: expect.stringContaining('--accept left-alone:w1') },
  ])
  expect((await look(['left-alone:w2'])).seen.unmet).toHaveLength(1)
})

it('it is not touched then, and locked out of the cluster as one that is out of reach', async () => {
  const { seen, bench, written } = await look(['left-alone:w1'])
  expect(seen.unmet).toEqual([])
  expect(seen.decision).toMatchObject({ kind: 'run', changes: [{ target: 'node/w1/membership' }] })
  await seen.execute(bench.attempt)
  expect(written).toEqual(['remove w1.node-password.rke2', 'create w1.node-password.rke2'])
  expect(bench.told).toContainEqual(expect.stringContaining('left out: left-alone, accepted: the host belongs to'))
})
