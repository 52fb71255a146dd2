import { expect, it } from 'vitest'
import { SlipwayError } from '../../../domain/errors.ts'
import { acceptedPart } from '../../../engine/plan/leaveOut.ts'
import { bindStage } from '../../../engine/contract/stage.ts'
import type { HostFacts } from '../host/facts.ts'
import { observeCluster } from '../observeCluster.ts'
import { machineFacts } from '../machineFacts.fixture.ts'
import type { NodesPlay } from '../session.ts'
import { argumentsOfStage, stageBench } from '../stageBench.fixture.ts'
import { prepare } from './prepare.ts'

const { session } = stageBench({})
const timeout = (servers: number) => prepare(argumentsOfStage('rke2/prepare', servers, 0), session).timeout

it('has half an hour for every fifty hosts that are brought the release at once', () => {
  expect([timeout(3), timeout(50), timeout(51), timeout(101)].map(time => time / 60_000)).toEqual([30, 30, 60, 90])
})

const findingsOf = async (
  key: string,
  observe: (hostname: string) => HostFacts | Promise<HostFacts>,
  over: object = {},
) => {
  const stage = { ...argumentsOfStage(key, 2, 52, { artifact_path: '/nowhere' }), ...over }
  const batches = ['rke2/prepare', 'rke2/prepare:w1', 'rke2/prepare:w51'].map(each => argumentsOfStage(each, 2, 52))
  const bench = stageBench({ observe, nodes: batches.flatMap(({ nodes }) => nodes) })
  const bound = bench.of(prepare(stage, bench.session))
  return bound.checkPrerequisites(await bound.observe(bench.attempt))
}
const cloned =
  (...names: string[]) =>
  (hostname: string) =>
    release({ complete: true }, { hostname, machine_id: names.includes(hostname) ? 'one' : hostname })
const twins = async (key: string, ...names: string[]) =>
  (await findingsOf(key, cloned(...names))).map(({ name, about, hosts }) => [name, about, hosts])

it('finds machines that were cloned wherever they are, and each batch tells of its own', async () => {
  expect(await twins('rke2/prepare', 'm1', 'm2')).toEqual([['equal-machine-id', 'nodes m1, m2', ['m1', 'm2']]])
  expect(await twins('rke2/prepare:w1', 'm1', 'm2')).toEqual([])
  expect(await twins('rke2/prepare', 'm1', 'w1')).toEqual([])
  expect(await twins('rke2/prepare:w1', 'm1', 'w1')).toEqual([['equal-machine-id', 'nodes m1, w1', ['w1']]])
  expect(await twins('rke2/prepare:w1', 'w1', 'w51')).toEqual([['equal-machine-id', 'nodes w1, w51', ['w1']]])
  expect(await twins('rke2/prepare:w51', 'w1', 'w51')).toEqual([['equal-machine-id', 'nodes w1, w51', ['w51']]])
})

it('agents whose release does not arrive fail by themselves, and the others have it', async () => {
  const stage = argumentsOfStage('rke2/prepare:w1', 1, 3)
  const broken = new SlipwayError('playbook-failed', 'w2: Unpack: no space', { facts: { host: 'w2' } })
  const bench = stageBench({
    play: async ({ nodes }) =>
      nodes.map(({ hostname }) => ({
        host: hostname,
        outcome: hostname === 'w2' ? ('failed' as const) : ('changed' as const),
        recap: null,
        error: hostname === 'w2' ? broken : null,
      })),
  })
  const seen = await observeCluster(bench.session, stage, bench.attempt)
  const { execute } = bench.of(prepare(stage, bench.session))
  await expect(execute(bench.attempt, { seen, others: [], asked: [], tokenDiffers: false })).rejects.toBe(broken)
  expect(bench.changes).toEqual([
    { type: 'node', hostname: 'w2', event: 'install' },
    { type: 'node', hostname: 'w2', event: 'fail', error: 'playbook-failed: w2: Unpack: no space' },
  ])
})

it.each([true, false])('tells of a token file that holds another token: %s', async token_differs => {
  const stage = argumentsOfStage('rke2/prepare', 1, 0, { artifact_path: '/nowhere' })
  const bench = stageBench({ secrets: { token_differs } })
  const bound = bench.of(prepare(stage, bench.session))
  const found = bound.checkPrerequisites(await bound.observe(bench.attempt))
  const told = found.filter(({ name }) => name === 'token-differs')
  expect(told.map(({ severity }) => severity)).toEqual(token_differs ? ['error'] : [])
})

const release = (over: Partial<HostFacts['release']>, rest: Partial<HostFacts> = {}) =>
  machineFacts({
    release: { ...machineFacts().release, version: 'v1.34.1+rke2r1', prefix: '/usr/local', ...over },
    fence: { epoch: 1, number: 1, installation: 'i', cluster: 'demo' },
    ...rest,
  })

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
  const observed = {
    seen: await observeCluster(bench.session, stage, bench.attempt),
    others: [],
    asked: [],
    tokenDiffers: false,
  }
  const { shouldRun, execute } = bench.of(prepare(stage, bench.session))
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

it('ports behind a firewall that is about to be turned off are no reason to refuse that', async () => {
  const fresh = machineFacts().host_settings
  const found = async (on: string[], spec: object) => {
    const stage = argumentsOfStage('rke2/prepare', 2, 0, { artifact_path: '/nowhere', ...spec })
    const bench = stageBench({
      observe: hostname => machineFacts({ hostname, host_settings: { ...fresh, on: hostname === 'm1' ? on : [] } }),
      reaches: hostname => hostname === 'm1',
    })
    const bound = bench.of(prepare(stage, bench.session))
    const unmet = bound.checkPrerequisites(await bound.observe(bench.attempt))
    return unmet.filter(({ name }) => name === 'port-unreachable').map(({ about }) => about)
  }
  expect(await found(['firewalld.service'], {})).toEqual(['node m2'])
  expect(await found(['firewalld.service'], { host_settings: ['firewalld'] })).toEqual([])
  expect(await found([], { host_settings: ['firewalld'] })).toEqual(['node m2'])
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

const off = (hostname: string) =>
  new SlipwayError('host-unreachable', `${hostname} is off`, { facts: { host: hostname }, remedy: 'Turn it on' })
const losing =
  (name: string) =>
  <Answer>(answer: Answer) =>
  (hostname: string): Answer => {
    if (hostname === name) throw off(name)
    return answer
  }

it.each(['resolves', 'fetches', 'both'])(
  'a machine that is lost after the look answers for itself (%s), once, and is left out where that is accepted',
  async when => {
    const lost = losing('w1')
    const over = when === 'resolves' ? { artifact_path: '/nowhere' } : {}
    const endpoint = when === 'fetches' ? {} : { api_endpoint: 'lb.example' }
    const stage = argumentsOfStage('rke2/prepare:w1', 1, 3, { ...over, ...endpoint })
    const looked = async (accepted: string[]) => {
      const bench = stageBench({ resolves: lost(null), fetches: lost(200) })
      return bindStage(prepare({ ...stage, accepted }, bench.session)).observe(bench.attempt)
    }
    const about = (await looked([])).unmet.filter(({ name }) => name === 'host-unreachable')
    expect(about).toEqual([
      {
        name: 'host-unreachable',
        severity: 'error',
        about: 'node w1',
        message: 'w1 is off',
        remedy: 'Turn it on. To go on without it for now: --accept unreachable:w1.',
        hosts: ['w1'],
      },
    ])
    const { observation: rest, leftOut } = acceptedPart(await looked(['unreachable:w1']))
    expect(leftOut).toEqual([{ host: 'w1', reason: 'w1 is off' }])
    expect(rest.unmet.map(({ name }) => name)).not.toContain('host-unreachable')
    expect(rest.decision.kind === 'run' && rest.decision.changes.map(({ target }) => target)).toEqual([
      'node/w2/release',
      'node/w3/release',
    ])
  },
)

it('the release is asked of the next machine, and what it says concerns all', async () => {
  const bench = stageBench({ fetches: losing('w1')(404) })
  const bound = bench.of(prepare(argumentsOfStage('rke2/prepare:w1', 1, 3), bench.session))
  const found = bound.checkPrerequisites(await bound.observe(bench.attempt))
  const told = found.filter(({ name }) => name === 'host-unreachable' || name === 'release-missing')
  expect(told.map(({ name, hosts }) => [name, hosts])).toEqual([
    ['host-unreachable', ['w1']],
    ['release-missing', undefined],
  ])
})

it('the release is asked for each architecture of the machines, and not for that of Slipway’s own', async () => {
  const arches: Readonly<Record<string, string>> = { m2: 'aarch64', w1: 'x86_64', w2: 'arm64' }
  const found = async (missing: readonly string[], spec: object = {}) => {
    const bench = stageBench({
      observe: hostname => machineFacts({ hostname, arch: arches[hostname] ?? 'x86_64' }),
      fetches: hostname => (missing.includes(hostname) ? 404 : 200),
    })
    const of = (key: string) => bench.of(prepare({ ...argumentsOfStage(key, 2, 2, spec) }, bench.session))
    const stages = [of('rke2/prepare'), of('rke2/prepare:w1')]
    const observed = await Promise.all(
      stages.map(async stage => stage.checkPrerequisites(await stage.observe(bench.attempt))),
    )
    return observed.map(unmet => unmet.flatMap(({ name, message }) => (name === 'release-missing' ? message : [])))
  }
  const url = 'https://github.com/rancher/rke2/releases/download/v1.34.1%2Brke2r1'
  const missing = `there is no ${url}/rke2.linux-arm64.tar.gz and ${url}/sha256sum-arm64.txt`
  expect(await found(['m2', 'w2'])).toEqual([[missing], [missing]])
  expect(
    (await found([], { artifact_path: '/nowhere' })).flat().map(message => message.match(/linux-\w+/)?.[0]),
  ).toEqual(['linux-amd64', 'linux-arm64', 'linux-amd64', 'linux-arm64'])
})

it('a machine of another stage that is lost while it asks for the release is not told of this one', async () => {
  const bench = stageBench({ fetches: losing('m1')(200) })
  const spec = argumentsOfStage('rke2/prepare', 1, 2)
  const observed = (key: string) => prepare({ ...spec, ...argumentsOfStage(key, 1, 2) }, bench.session)
  const [servers, agents] = [observed('rke2/prepare'), observed('rke2/prepare:w1')]
  const [first, second] = await Promise.all([servers.observe(bench.attempt), agents.observe(bench.attempt)])
  const names = (found: readonly { name: string; about: string }[]) => found.map(({ name, about }) => [name, about])
  expect(names(servers.checkPrerequisites(first))).toContainEqual(['host-unreachable', 'node m1'])
  expect(names(agents.checkPrerequisites(second))).not.toContainEqual(['host-unreachable', 'node w1'])
})

it('looks for images that an earlier try has placed where RKE2 reads them', async () => {
  const folders = new Set<string>()
  const bench = stageBench({
    observe: (hostname, asked) => {
      for (const folder of asked) folders.add(folder)
      return machineFacts({ hostname })
    },
  })
  const stage = argumentsOfStage('rke2/prepare', 1, 0, { cluster_vars: { 'data-dir': '/data/rke2/' } })
  await observeCluster(bench.session, stage, bench.attempt)
  expect([...folders]).toEqual(['/data/rke2/agent/images'])
})

it('a machine that another batch has looked at, to compare it, is still what its own stage says it is to be', async () => {
  const vars = { node_vars: { 'node-label': ['a=b'] }, external_ip: '192.0.2.1' }
  const bench = stageBench({})
  const own = argumentsOfStage('rke2/prepare:w51', 1, 52)
  const stage = { ...own, nodes: own.nodes.map(node => ({ ...node, ...vars })) }
  await prepare(argumentsOfStage('rke2/prepare:w1', 1, 52), bench.session).observe(bench.attempt)
  const { nodes } = await observeCluster(bench.session, stage, bench.attempt)
  expect(nodes.map(({ node }) => node)).toEqual(stage.nodes)
})
