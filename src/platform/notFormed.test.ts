import { expect, it } from 'vitest'
import { SlipwayError } from '../domain/errors.ts'
import { clusterSubject } from '../domain/subject.ts'
import { createRegistry } from '../engine/contract/registry.ts'
import type { StageKind } from '../engine/contract/stage.ts'
import { plan } from '../engine/plan/planner.ts'
import { platformStages } from './pipeline.ts'
import type { PlatformSession } from './platformSession.ts'
import { platformSpec } from './spec.ts'
import { platformStageKinds } from './stages.ts'

const platform = platformSpec.parse({
  components: { 'infra-postgres': {} },
  charts: [{ name: 'web', chart: 'web.tgz' }],
})
const nobody = () => Promise.reject(new Error('nobody is asked'))
const session: PlatformSession = {
  cluster: 'demo',
  installation: 'of-this-test',
  hashKey: '00'.repeat(32),
  directory: '/nowhere',
  environment: {},
  desired: async () => ({
    apiVersion: 'slipway/v1',
    kind: 'Cluster',
    metadata: { name: 'demo' },
    spec: { distribution: 'rke2', version: 'v1.34.1+rke2r1', platform, nodes: [] },
  }),
  secret: async () => null,
  hosts: nobody,
  openFile: nobody,
  learn() {},
  read: async (_key, load) => load(),
}
const making: StageKind = {
  kind: 'test/make',
  bind: () => ({
    timeout: 1000,
    touches: [],
    waitForReady: async () => {},
    observe: async () => ({
      unmet: [],
      decision: {
        kind: 'run',
        reason: 'there is none',
        changes: [{ effect: 'create', target: 'x', summary: 'make it' }],
      },
      execute: async () => async () => {},
    }),
  }),
}
const registry = createRegistry([
  making,
  ...platformStageKinds({
    sessionOf: () => session,
    helm: () => Promise.reject(new SlipwayError('tool-missing', 'there is no Helm')),
  }),
])
const planned = (stages: Parameters<typeof plan>[0]) =>
  plan(stages, registry, { subject: clusterSubject('demo'), desiredVersion: 1, signal: AbortSignal.timeout(5000) })
const named = (made: Awaited<ReturnType<typeof planned>>) =>
  made.stages.filter(({ unmet }) => unmet.some(({ name }) => name === 'cluster-not-formed')).map(({ key }) => key)

it('a platform without its cluster is refused, and nothing of it looks done', async () => {
  const stages = platformStages('demo', platform, [])
  expect(named(await planned(stages))).toEqual(stages.map(({ key }) => key))
})

it('where the same plan makes the cluster, the platform comes after it', async () => {
  const make = { kind: 'test/make', key: 'test/make', title: 'Make it', needs: [], arguments: null }
  const stages = platformStages('demo', platform, [{ stage: make.key }])
  const made = await planned([make, ...stages])
  expect(named(made)).toEqual([])
  for (const { decision } of made.stages.slice(1)) expect(decision).toMatchObject({ kind: 'deferred', until: make.key })
})
