import { expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import { createObservations } from '../../engine/contract/observations.ts'
import type { ClusterSession } from '../session.ts'
import { overHosts } from '../transient.ts'
import { labelsStage } from './labels.ts'

const marks = (hostname: string, labels: Readonly<Record<string, string>>) => ({ hostname, labels, taints: [] })

/** What the stage decides over a cluster whose kubeconfig is this one. */
async function observe(kubeconfig: string | null, nodes: ReturnType<typeof marks>[], absent: string[] = []) {
  const session: Partial<ClusterSession> = { cluster: 'demo', secret: async () => kubeconfig }
  const request = labelsStage.request({
    title: 'Labels',
    needs: [],
    arguments: { cluster: 'demo', nodes, absent, after: ['rke2/finish', 'rke2/initial-master'] },
  })
  const stage = labelsStage.over(() => session as ClusterSession).bind(request)
  const { signal } = new AbortController()
  return stage.observe({ signal, observations: createObservations(), outputsOf: async () => undefined })
}

it('before there is a cluster plans what the nodes get when they have joined, but for those that nobody waits for', async () => {
  const { decision, unmet } = await observe(null, [marks('w1', { tier: 'web' }), marks('w2', { tier: 'db' })], ['w2'])
  expect(unmet).toEqual([])
  expect(decision).toMatchObject({
    kind: 'run',
    changes: [{ effect: 'update', target: 'node/w1/labels', summary: 'set the labels tier=web' }],
  })
  expect((await observe(null, [marks('w1', {})])).decision.kind).toBe('skip')
})

it('does not take an API that does not answer for one on which all is well, and waits for the stages that bring it back', async () => {
  const { decision, unmet } = await observe('no kubeconfig', [marks('w1', { tier: 'web' })])
  expect(unmet).toMatchObject([
    { severity: 'error', about: 'the API of the cluster', providedBy: ['rke2/finish', 'rke2/initial-master'] },
  ])
  expect(decision).toMatchObject({ kind: 'deferred', until: 'rke2/finish', effects: ['update'] })
})

it('is tried again in a run where the API was away for a moment, as a look tells it', () => {
  const findings = (name: 'api-unreachable' | 'api-unauthorized') => [
    { name, severity: 'error', about: 'the API of the cluster', message: 'away', remedy: 'wait' } as const,
  ]
  const refused = (name: Parameters<typeof findings>[0]) =>
    new SlipwayError('preflight-failed', 'away', { findings: findings(name) })
  expect(overHosts.when(refused('api-unreachable'))).toBe(true)
  expect(overHosts.when(refused('api-unauthorized'))).toBe(false)
})

it('has nothing to ask of such an API where the file names no label', async () => {
  const { decision, unmet } = await observe('no kubeconfig', [marks('w1', {})])
  expect(unmet).toEqual([])
  expect(decision).toMatchObject({ kind: 'skip', reason: expect.stringContaining('the Nodes are not seen') })
})
