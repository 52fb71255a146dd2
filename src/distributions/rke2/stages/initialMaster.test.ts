import { expect, it } from 'vitest'
import { machineFacts } from '../machineFacts.fixture.ts'
import { argumentsOfStage, stageBench } from '../stageBench.fixture.ts'
import { initialMaster } from './initialMaster.ts'

const stage = argumentsOfStage('rke2/initial-master', 1, 0)
const withCa = (ca_hash: string | null) => () => machineFacts({ data: { ...machineFacts().data, ca_hash } })

it('puts the cluster on record with its CA, and keeps its kubeconfig at once', async () => {
  const bench = stageBench({ observe: withCa('c'.repeat(64)), bootstrap: { state: 'claimed' } })
  await initialMaster(stage, bench.session).waitForReady(bench.attempt)
  expect(bench.changes).toEqual([
    { type: 'bootstrap-done', ca_hash: 'c'.repeat(64) },
    { type: 'cluster-secret', name: 'kubeconfig', value: expect.stringContaining('https://10.0.0.0:6443') },
  ])
})

it('fails, and records nothing, where a ready server has no CA in the data folder', async () => {
  const bench = stageBench({ observe: withCa(null), bootstrap: { state: 'claimed' } })
  await expect(initialMaster(stage, bench.session).waitForReady(bench.attempt)).rejects.toMatchObject({
    code: 'service-failed',
    message: 'm1 is ready, but /var/lib/rancher/rke2 holds no CA of a cluster',
  })
  expect(bench.changes).toEqual([])
})
