import { describe, expect, it } from 'vitest'
import { fileHashes } from '../wantedFiles.ts'
import { caFile, keptKubeconfig, knownCa, machineFacts, serverFacts } from '../machineFacts.fixture.ts'
import { argumentsOfStage, type HostAnswers, stageBench } from '../stageBench.fixture.ts'
import { wantedFirst } from '../wanted.ts'
import { finish } from './finish.ts'

const stage = argumentsOfStage('rke2/finish', 2, 1)

/** The end of an installation on whose first server everything is written, and what it has still to do. */
async function end(answers: HostAnswers) {
  const first = stageBench(answers)
  const { wanted } = await finish(stage, first.session).observe(first.attempt)
  const { config } = fileHashes(first.session.hashKey, wanted.write)
  const facts = serverFacts('m1', 'm2')
  const file = { ...configFile, hmac: config }
  const bench = stageBench({
    observe: hostname => (hostname === 'm1' ? { ...facts, config: [file] } : machineFacts({ hostname })),
    ...answers,
  })
  const bound = finish(stage, bench.session)
  const observed = await bound.observe(bench.attempt)
  return { bench, bound, observed, decision: bound.shouldRun(observed) }
}
const configFile = {
  path: '/etc/rancher/rke2/config.yaml',
  mode: '0600',
  uid: 0,
  size: 1,
  parts: null,
  keys: [],
  server: null,
  marked: false,
  link: null,
  fault: null,
}

describe('the kubeconfig at the end of an apply', () => {
  it('stays where it leads to the endpoint under the CA on record', async () => {
    const { decision } = await end({ kubeconfig: keptKubeconfig() })
    expect(decision).toMatchObject({ kind: 'skip', reason: 'm1 knows whom to join, and the kubeconfig is kept' })
  })

  it.each([
    ['none is kept', {}],
    ['the endpoint has changed', { kubeconfig: keptKubeconfig(caFile, 'https://api.example:6443') }],
    ['the API takes it no more', { kubeconfig: keptKubeconfig(), kubeconfigIsRefused: true }],
    ['the CA was rotated', { kubeconfig: keptKubeconfig(Buffer.from('the CA of before')) }],
  ])('is put in the place of the one that is kept where %s', async (_why, answers: HostAnswers) => {
    const { bench, bound, observed, decision } = await end(answers)
    expect(decision.kind === 'run' && decision.changes.map(({ effect, target }) => `${effect} ${target}`)).toEqual([
      'create cluster/kubeconfig',
    ])
    await bound.execute(bench.attempt, observed)
    const value = expect.stringContaining('https://10.0.0.0:6443')
    expect(bench.changes).toEqual([{ type: 'cluster-secret', name: 'kubeconfig', value }])
  })

  it('is for the endpoint that the cluster file names', async () => {
    const named = argumentsOfStage('rke2/finish', 1, 0, { api_endpoint: 'fd00::1' })
    const bench = stageBench({ bootstrap: { ca_hash: knownCa } })
    const bound = finish(named, bench.session)
    await bound.execute(bench.attempt, await bound.observe(bench.attempt))
    expect(JSON.stringify(bench.changes)).toContain('https://[fd00::1]:6443')
  })
})

describe('the configuration of the first server', () => {
  const decisionOver = async (hmac: string) => {
    const bench = stageBench({
      kubeconfig: keptKubeconfig(),
      observe: hostname =>
        hostname === 'm1'
          ? { ...serverFacts('m1', 'm2'), config: [{ ...configFile, hmac }] }
          : machineFacts({ hostname }),
    })
    const bound = finish(stage, bench.session)
    return bound.shouldRun(await bound.observe(bench.attempt))
  }

  it('is written by the stage before where other settings are asked for: the plan has no change that never comes', async () => {
    expect(await decisionOver('f'.repeat(64))).toEqual({
      kind: 'skip',
      reason: 'm1 is told whom to join with its settings',
    })
  })

  it('is written at the end where it is told of nobody yet', async () => {
    const bench = stageBench({})
    const attempt = bench.attempt
    const seen = (await finish(stage, bench.session).observe(attempt)).seen
    const made = { ...seen, bootstrap: { ...seen.bootstrap, state: 'unused' as const } }
    const [node] = stage.nodes
    if (!node) throw new Error('the stage has no node')
    const alone = await wantedFirst(bench.session, stage, node, made)
    const decision = await decisionOver(fileHashes(bench.session.hashKey, alone.write).config)
    expect(decision).toMatchObject({ kind: 'run', reason: 'm1 does not have its final configuration' })
  })
})
