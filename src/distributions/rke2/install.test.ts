import { rke2Spec } from './spec/spec.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { stageArguments } from './arguments.ts'
import { installPipeline } from './install.ts'
import { agentsAtATime } from './nodeBatches.ts'

const desired = (masters: number, workers: number) => ({
  name: 'demo',
  accepted: [],
  spec: rke2Spec.parse({
    distribution: 'rke2',
    version: 'v1.34.1+rke2r1',
    ssh: { user: 'root', key_file: './id' },
    nodes: [
      ...Array.from({ length: workers }, (_, index) => ({
        hostname: `w${index + 1}`,
        internal_ip: `10.1.${index >> 8}.${index & 255}`,
        role: 'worker',
      })),
      ...Array.from({ length: masters }, (_, index) => ({
        hostname: `m${index + 2}`,
        internal_ip: `10.0.1.${index}`,
        role: 'master',
      })),
      { hostname: 'm1', internal_ip: '10.0.0.11', role: 'initial_master', ssh: { key_file: './other' } },
    ],
  }),
})

const namesOf = (request: { arguments: unknown }) =>
  z
    .object({ nodes: z.array(z.object({ hostname: z.string() })) })
    .parse(request.arguments)
    .nodes.map(node => node.hostname)

/** All stages that must have completed before the one named. */
function before(pipeline: ReturnType<typeof installPipeline>, key: string): Set<string> {
  const direct = pipeline.find(request => request.key === key)?.needs.map(need => need.stage) ?? []
  return new Set(direct.flatMap(stage => [stage, ...before(pipeline, stage)]))
}

describe('the install pipeline', () => {
  it('reads as the order that is safe', () => {
    expect(installPipeline(desired(2, 2)).map(request => [request.key, namesOf(request)])).toEqual([
      ['rke2/prepare', ['m1', 'm2', 'm3']],
      ['rke2/prepare:w1', ['w1', 'w2']],
      ['rke2/initial-master', ['m1']],
      ['rke2/join:m2', ['m2']],
      ['rke2/join:m3', ['m3']],
      ['rke2/finish', ['m1']],
      ['rke2/workers:w1', ['w1', 'w2']],
      ['cluster/labels', ['m1', 'm2', 'm3', 'w1', 'w2']],
    ])
  })

  it('is told in words that say what is done to whom', () => {
    expect(installPipeline(desired(1, 4)).map(({ title }) => title)).toEqual([
      'Check the servers and bring them the release',
      'Check w1 … w4 (4) and bring them the release',
      'm1 as the first server',
      'm2 as a server',
      'Finalize m1 and fetch the kubeconfig',
      'w1 … w4 (4) as agents',
      'Labels and taints of the nodes',
    ])
    expect(installPipeline(desired(0, 1)).map(({ title }) => title)).toEqual([
      'Check the servers and bring them the release',
      'Check w1 and bring it the release',
      'm1 as the first server',
      'Finalize m1 and fetch the kubeconfig',
      'w1 as an agent',
      'Labels and taints of the nodes',
    ])
  })

  it('grows with its nodes and no faster: no batch carries the machines of another one', () => {
    const size = (workers: number) => JSON.stringify(installPipeline(desired(2, workers))).length
    const [thousand, fiveThousand] = [size(997), size(4997)]
    expect(fiveThousand / thousand).toBeLessThan(5.2)
    // A node stands in two stages, with its name, address and role.
    expect(fiveThousand / 5000).toBeLessThan(200)
    const [first] = installPipeline(desired(0, 60)).filter(({ key }) => key === 'rke2/prepare:w1')
    expect(JSON.stringify(first)).not.toContain('w51')
  })

  it('reads what an earlier version has stored, with the machines that it carried', () => {
    const [first] = installPipeline(desired(0, 60)).filter(({ key }) => key === 'rke2/prepare:w1')
    const stored = { ...z.record(z.string(), z.unknown()).parse(first?.arguments), others: [{ hostname: 'w51' }] }
    expect(stageArguments.parse(stored)).toEqual(stageArguments.parse(first?.arguments))
  })

  it('never lets two joiners, or a joiner and an agent, run at the same time, for any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 130 }), (masters, workers) => {
        const pipeline = installPipeline(desired(masters, workers))
        const joins = pipeline.filter(request => request.kind === 'rke2/join')
        for (const [index, join] of joins.entries())
          for (const earlier of joins.slice(0, index)) expect(before(pipeline, join.key)).toContain(earlier.key)
        for (const batch of pipeline.filter(request => request.kind === 'rke2/workers')) {
          for (const join of joins) expect(before(pipeline, batch.key)).toContain(join.key)
          expect(namesOf(batch).length).toBeLessThanOrEqual(agentsAtATime)
        }
        const acted = pipeline
          .filter(request => ['rke2/initial-master', 'rke2/join', 'rke2/workers'].includes(request.kind))
          .flatMap(namesOf)
        const prepared = pipeline.filter(request => request.kind === 'rke2/prepare').flatMap(namesOf)
        expect(acted.toSorted()).toEqual(prepared.toSorted())
        expect(new Set(pipeline.map(request => request.key)).size).toBe(pipeline.length)
      }),
    )
  })

  it('lets no agent stand in the way of another one, nor of the kubeconfig, and every server of all behind it', () => {
    const pipeline = installPipeline(desired(2, 60))
    const needsOf = (key: string) =>
      pipeline.find(request => request.key === key)?.needs.map(({ stage, until }) => `${stage} ${until ?? 'completed'}`)
    expect(needsOf('rke2/prepare:w51')).toEqual([])
    expect(needsOf('rke2/join:m3')).toEqual(['rke2/join:m2 completed'])
    expect(needsOf('rke2/workers:w51')).toEqual(['rke2/prepare:w51 settled', 'rke2/join:m3 completed'])
    expect(needsOf('rke2/finish')).toEqual([
      'rke2/initial-master completed',
      'rke2/join:m2 completed',
      'rke2/join:m3 completed',
    ])
    // Those that are members get their labels, whatever has become of the others.
    expect(needsOf('cluster/labels')).toEqual([
      'rke2/finish completed',
      'rke2/workers:w1 settled',
      'rke2/workers:w51 settled',
    ])
  })

  it('puts a VIP on the first server before anybody joins, and on each other one once it has joined', () => {
    const { spec, ...given } = desired(2, 1)
    const pipeline = installPipeline({ ...given, spec: { ...spec, vip: { address: '10.0.0.100' } } })
    expect(pipeline.map(({ key, needs }) => [key, needs.map(({ stage }) => stage).join(' ')]).slice(2, 8)).toEqual([
      ['rke2/initial-master', 'rke2/prepare'],
      ['rke2/vip', 'rke2/initial-master'],
      ['rke2/join:m2', 'rke2/vip'],
      ['rke2/vip:m2', 'rke2/join:m2'],
      ['rke2/join:m3', 'rke2/vip:m2'],
      ['rke2/vip:m3', 'rke2/join:m3'],
    ])
    expect(pipeline.find(({ key }) => key === 'rke2/workers:w1')?.needs.map(({ stage }) => stage)).toContain(
      'rke2/vip:m3',
    )
    expect(stageArguments.parse(pipeline[2]?.arguments).cluster.api_endpoint).toBe('10.0.0.100')
  })

  it('puts a VIP on those that are members once all of them know it, before a new one joins', () => {
    const { spec, ...given } = desired(3, 0)
    const wanted = { ...given, spec: { ...spec, vip: { address: '10.0.0.100' } } }
    const pipeline = installPipeline(wanted, { members: ['m1', 'm2', 'm4'] })
    expect(pipeline.map(request => [request.key, namesOf(request)]).slice(1, 7)).toEqual([
      ['rke2/initial-master', ['m1']],
      ['rke2/join:m2', ['m2']],
      ['rke2/join:m4', ['m4']],
      ['rke2/vip', ['m1', 'm2', 'm4']],
      ['rke2/join:m3', ['m3']],
      ['rke2/vip:m3', ['m3']],
    ])
  })

  it('takes a VIP that there may be off the servers last of all, when the file names none any more', () => {
    const pipeline = installPipeline(desired(1, 1), { hadVip: true })
    expect(pipeline.at(-1)).toMatchObject({
      key: 'rke2/give-up-vip:all',
      needs: [{ stage: 'rke2/finish' }, { stage: 'rke2/workers:w1', until: 'settled' }],
    })
    expect(installPipeline(desired(1, 1)).map(({ kind }) => kind)).not.toContain('rke2/give-up-vip')
  })

  it('keeps logins and secrets out of what is stored', () => {
    expect(JSON.stringify(installPipeline(desired(2, 2)))).not.toMatch(/key_file|ssh|token/)
  })
})
