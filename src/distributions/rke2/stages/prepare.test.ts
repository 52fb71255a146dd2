import { expect, it } from 'vitest'
import type { HostFacts } from '../../../hosts/facts.ts'
import { look } from '../look.ts'
import { machineFacts } from '../machineFacts.fixture.ts'
import type { NodesPlay } from '../session.ts'
import { argumentsOfStage, stageBench } from '../stageBench.fixture.ts'
import { prepare } from './prepare.ts'

const { session } = stageBench({})
const timeout = (agents: number) => prepare(argumentsOfStage('rke2/prepare', 1, agents), session).timeout

it('has half an hour for every fifty hosts that are brought the release at once', () => {
  expect([timeout(2), timeout(49), timeout(50), timeout(499)].map(time => time / 60_000)).toEqual([30, 30, 60, 300])
})

it.each([true, false])('tells of a token file that holds another token: %s', async token_differs => {
  const stage = argumentsOfStage('rke2/prepare', 1, 0, { artifact_path: '/nowhere' })
  const bench = stageBench({ secrets: { token_differs } })
  const bound = prepare(stage, bench.session)
  const found = bound.checkPrerequisites(await bound.observe(bench.attempt))
  const told = found.filter(({ name }) => name === 'token-differs')
  expect(told.map(({ severity }) => severity)).toEqual(token_differs ? ['error'] : [])
})

const release = (over: Partial<HostFacts['release']>) =>
  machineFacts({ release: { ...machineFacts().release, version: 'v1.34.1+rke2r1', prefix: '/usr/local', ...over } })

/** What preparing two servers would do, and the plays that doing it takes. */
async function prepared(first: HostFacts, spec: object = {}) {
  const stage = argumentsOfStage('rke2/prepare', 2, 0, spec)
  const plays: NodesPlay[] = []
  const bench = stageBench({
    observe: hostname => (hostname === 'm1' ? first : release({ complete: true })),
    play: async play => {
      plays.push(play)
      return []
    },
  })
  const observed = { seen: await look(bench.session, stage, bench.attempt), asked: [], tokenDiffers: false }
  const { shouldRun, execute } = prepare(stage, bench.session)
  const decision = shouldRun(observed)
  await execute(bench.attempt, observed)
  return { changes: decision.kind === 'run' ? decision.changes.map(change => change.target) : [], plays }
}

it.each([
  ['none', machineFacts(), ['node/m1/release']],
  ['another version', release({ version: 'v1.33.5+rke2r1', complete: true }), ['node/m1/release']],
  ['an installation that broke off', release({ complete: false }), ['node/m1/release']],
  ['all of it', release({ complete: true }), []],
])('brings the release to a machine that has %s', async (_name, facts, targets) => {
  expect((await prepared(facts)).changes).toEqual(targets)
})

it('fetches the release through the proxies of the cluster', async () => {
  const proxy = { http_proxy: 'http://proxy.example.org:3128', no_proxy: ['10.0.0.0/8'] }
  const { plays } = await prepared(machineFacts(), { proxy })
  expect(
    plays.map(({ nodes, hosts }) => [nodes.map(node => node.hostname), hosts['m1']?.['rke2_environment']]),
  ).toEqual([
    [
      ['m1'],
      [
        { key: 'HTTP_PROXY', value: 'http://proxy.example.org:3128' },
        { key: 'NO_PROXY', value: '127.0.0.1,localhost,::1,10.0.0.0/8' },
      ],
    ],
  ])
})
