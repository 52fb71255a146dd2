import { describe, expect, it } from 'vitest'
import { applyPipeline } from '../install.ts'
import { serverFacts } from '../machineFacts.fixture.ts'
import { rke2Spec } from '../spec/spec.ts'
import type { RecordedCluster } from '../../../domain/recordedCluster.ts'
import { uninstallPipeline } from '../uninstall/pipeline.ts'
import { argumentsOfStage, type HostAnswers, okHost, stageBench } from '../stageBench.fixture.ts'
import { adopt } from './adopt.ts'

const stage = argumentsOfStage('rke2/prepare', 2, 0)
const ours = { epoch: 1, number: 1, installation: 'i', cluster: 'demo' }

async function looked(answers: HostAnswers) {
  const bench = stageBench({ bootstrap: { machine_id: null }, ...answers })
  const bound = bench.of(adopt(stage, bench.session))
  const seen = await bound.observe(bench.attempt)
  return { bench, bound, seen, decision: bound.shouldRun(seen), unmet: bound.checkPrerequisites(seen) }
}
const other = (hostname: string) => (hostname === 'm1' ? 'm2' : 'm1')
const unmarked = (hostname: string) => serverFacts(hostname, other(hostname))

describe('the machines of a cluster that others have made', () => {
  it('are marked where nobody has marked them, and no others', async () => {
    const marked: string[] = []
    const { bench, bound, seen, decision, unmet } = await looked({
      observe: hostname => ({ ...unmarked(hostname), fence: hostname === 'm1' ? ours : null }),
      play: async ({ nodes }) => {
        marked.push(...nodes.map(({ hostname }) => hostname))
        return nodes.map(({ hostname }) => okHost(hostname))
      },
    })
    expect(unmet).toEqual([])
    expect(decision).toMatchObject({ kind: 'run', changes: [{ effect: 'create', target: 'node/m2/owner' }] })
    await bound.execute(bench.attempt, seen)
    expect(marked).toEqual(['m2'])
    expect(bench.told).toContain('m2: changed')
  })

  it('are left as they are once all are marked', async () => {
    const { decision } = await looked({ observe: hostname => ({ ...unmarked(hostname), fence: ours }) })
    expect(decision.kind).toBe('skip')
  })

  it('are not taken from another owner, nor for this cluster where their CA is another one', async () => {
    const fence = { ...ours, installation: 'another' }
    const { unmet } = await looked({
      observe: hostname => {
        const facts = unmarked(hostname)
        return hostname === 'm1' ? { ...facts, fence } : { ...facts, data: { ...facts.data, ca_hash: 'other' } }
      },
    })
    expect(unmet.map(({ name, about }) => `${name} ${about}`)).toEqual([
      'owned-by-another node m1',
      expect.stringContaining('node m2'),
    ])
  })
})

describe('the plan of a cluster that others have made', () => {
  const desired = rke2Spec.parse({
    distribution: 'rke2',
    version: 'v1.34.1+rke2r1',
    nodes: [
      { hostname: 'm1', internal_ip: '10.0.0.1', role: 'initial_master' },
      ...Array.from({ length: 51 }, (_, at) => ({ hostname: `w${at}`, internal_ip: `10.0.1.${at}`, role: 'worker' })),
    ],
  })
  const asked = { cluster: 'demo', desired, accepted: [] }
  const version = 'v1.34.1+rke2r1'
  const unknown = { distribution: 'rke2', version, identified: false }
  const record: RecordedCluster = { formed: true, installation_stage: 'completed', cluster_vars: {}, nodes: [] }
  const plan = (registered?: typeof unknown) =>
    applyPipeline({ ...asked, remove: null, recorded: { ...record, ...(registered && { registered }) } })
  const adopting = (pipeline: ReturnType<typeof plan>) =>
    pipeline.stages.filter(({ kind }) => kind === 'rke2/adopt').map(({ key }) => key)

  it('marks its servers at once and its agents in batches; that of one of ours does not', () => {
    expect(adopting(plan({ ...unknown, identified: true }))).toEqual(['rke2/adopt', 'rke2/adopt:w0', 'rke2/adopt:w50'])
    expect(adopting(plan())).toEqual([])
  })

  it.each([
    ['an apply', () => plan(unknown)],
    [
      'an uninstall',
      () => uninstallPipeline({ ...asked, recorded: { ...record, registered: unknown }, keep_snapshots: false }),
    ],
  ])('looks at no machine before anybody has logged in to one: %s', (_what, made) => {
    const { stages, findings } = made()
    expect(stages).toMatchObject([{ key: 'rke2/adopt', disabled: expect.any(String) }])
    expect(findings).toMatchObject([
      { name: 'machines-not-known', remedy: 'Let one of its servers tell: slipway discover demo --ssh root@10.0.0.1.' },
    ])
  })
})
