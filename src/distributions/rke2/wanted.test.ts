import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import { host, installedFacts as installed, observedCluster, server } from './observedCluster.fixture.ts'
import type { ObservedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { machineFacts } from './machineFacts.fixture.ts'
import { argumentsOfStage, stageBench } from './stageBench.fixture.ts'
import { wantedFinished, wantedFirst, wantedJoiner } from './wanted.ts'
import { nodeChanges, presentFiles } from './nodeState.ts'
import { fileHashes, meaningHash, type WantedFiles } from './wantedFiles.ts'

const [m1, m2, m3] = [1, 2, 3].map(index => server(`m${index}`, index - 1))
const stage = argumentsOfStage('rke2/join:m3', 3, 1)
const withEndpoint = argumentsOfStage('rke2/join:m3', 3, 1, { api_endpoint: '10.0.0.100' })
const { session } = stageBench({})

/** Who answers speaks for the cluster; who has no data was installed anew. */
const seen = (first: ObservedHost, authority: typeof m1 | null, over: Partial<ObservedCluster> = {}): ObservedCluster =>
  observedCluster(installed, { nodes: [first], servers: [first], authority: authority ?? null, ...over })
const working = host(installed, m1)
const reinstalled = host(machineFacts(), m1)
const off: ObservedHost = { node: m1 ?? working.node, facts: null, error: new SlipwayError('host-unreachable', 'off') }
const unused = { bootstrap: { ...observedCluster(installed).bootstrap, state: 'unused' as const, ca_hash: null } }

const joined = ({ write }: Awaited<ReturnType<typeof wantedJoiner>>) =>
  write.config.find(({ key }) => key === 'server')?.value ?? null
const url = (index: number) => `https://10.0.0.${index}:9345`

describe('whom a further server joins', () => {
  it.each([
    ['the first one, while there is no cluster yet', seen(host(machineFacts(), m1), null, unused), 0],
    ['the first one, as long as it works', seen(working, m1), 0],
    ['the first one, though it does not answer just now: it has its data', seen(working, m2), 0],
    ['one that lives, where the first one was installed anew', seen(reinstalled, m2), 1],
    ['one that lives, where the first one is off', seen(off, m2), 1],
    ['the first one, where nobody answers', seen(off, null), 0],
  ])('is %s', async (_name, at, index) => {
    expect(joined(await wantedJoiner(session, stage, m3 ?? working.node, at))).toBe(url(index))
  })

  it('is the endpoint, whoever lives', async () => {
    expect(joined(await wantedJoiner(session, withEndpoint, m3 ?? working.node, seen(off, m2)))).toBe(url(100))
  })

  it('may be any of the others: a configuration is not written anew because one of them is away', async () => {
    const [before, later] = [
      await wantedJoiner(session, stage, m3 ?? working.node, seen(working, m1)),
      await wantedJoiner(session, stage, m3 ?? working.node, seen(off, m2)),
    ]
    expect(before.files).toContainEqual(fileHashes(session.hashKey, later.write))
    expect(later.files).toContainEqual(fileHashes(session.hashKey, before.write))
    expect(before.files).toHaveLength(2)
  })
})

describe('the first server', () => {
  const first = m1 ?? working.node

  it('joins nobody while it makes the cluster', async () => {
    expect(joined(await wantedFirst(session, stage, first, seen(host(machineFacts(), m1), null, unused)))).toBeNull()
  })

  it('joins one that lives where it was installed anew, and needs that in its configuration', async () => {
    const wanted = await wantedFirst(session, stage, first, seen(reinstalled, m3))
    expect(joined(wanted)).toBe(url(1))
    const alone = await wantedFirst(session, stage, first, seen(host(machineFacts(), m1), null, unused))
    expect(wanted.files).not.toContainEqual(fileHashes(session.hashKey, alone.write))
  })

  it('is right without it while it has its data, and finishing minds the difference', async () => {
    const alone = await wantedFirst(session, stage, first, seen(working, null, unused))
    const known = { ...seen(working, m1) }
    const count = async (wanted: typeof wantedFirst) => (await wanted(session, stage, first, known)).files?.length
    expect(joined(alone)).toBeNull()
    expect([await count(wantedFirst), await count(wantedFinished)]).toEqual([3, 2])
  })
})

describe('the first server, told to join one that has left since', () => {
  const first = m1 ?? working.node
  const left = 'https://10.0.0.9:9345'
  const told = (server: string | null, over: object = {}) => {
    const config = installed.config.map(file => ({ ...file, server }))
    return host({ ...installed, config, ...over }, m1)
  }
  const count = async (at: ObservedHost, wanted = wantedFirst) =>
    (await wanted(session, stage, first, seen(at, m1))).files?.length

  it('is right with that: it has its data and asks nobody; finishing minds it, without a restart', async () => {
    expect(await count(told(left))).toBe(((await count(told(null))) ?? 0) + 1)
    expect(await count(told(left), wantedFinished)).toBe(await count(told(null), wantedFinished))
  })

  it.each([
    ['one that stays', url(1)],
    ['no address of a server', 'https://10.0.0.9'],
    ['no URL', '10.0.0.9:9345'],
  ])('and what it is told is %s: nothing more is right', async (_what, server) => {
    expect(await count(told(server))).toBe(await count(told(null)))
  })

  it('and without its data it needs one that is there', async () => {
    const data = { ...installed.data, etcd_member: false }
    expect(await count(told(left, { data }))).toBe(await count(told(null, { data })))
  })
})

describe('a configuration that an earlier version wrote', () => {
  const first = m1 ?? working.node
  const given = { 'write-kubeconfig-mode': '0644', cni: 'multus,cilium', 'node-label': ['a=b'] }
  const described = argumentsOfStage('rke2/initial-master', 3, 1, { cluster_vars: given })

  /** The file as it would be written, with other values; nothing else differs. */
  const rewritten = (
    files: WantedFiles,
    values: Readonly<Record<string, string | readonly string[]>>,
  ): WantedFiles => ({
    ...files,
    config: files.config.map(entry => ({ ...entry, value: values[entry.key] ?? entry.value })),
  })
  const lookAtFile = async (values: Readonly<Record<string, string | readonly string[]>>) => {
    const { write } = await wantedFirst(session, described, first, seen(working, m1))
    const lying = rewritten(write, values)
    const facts = {
      ...installed,
      config: installed.config.map(file => ({ ...file, hmac: fileHashes(session.hashKey, lying).config })),
    }
    const at = seen(host(facts, first), m1)
    const wanted = await wantedFirst(session, described, first, at)
    return { lying, wanted, usual: write, changes: nodeChanges(host(facts, first), wanted, at), facts }
  }

  it.each([
    ['with the mode without its 0', { 'write-kubeconfig-mode': '644' }],
    ['with the network plugins as a list', { cni: ['multus', 'cilium'] }],
    ['with both', { 'write-kubeconfig-mode': '644', cni: ['multus', 'cilium'] }],
  ])('%s stays as it is, whatever else is written', async (_name, values) => {
    const { lying, wanted, changes, facts } = await lookAtFile(values)
    expect(changes).toEqual([])
    expect(wanted.write.config).toEqual(lying.config)
    expect(fileHashes(session.hashKey, wanted.write).config).toBe(presentFiles(facts, first)?.config)
  })

  it.each([
    ['another mode', { 'write-kubeconfig-mode': '600' }],
    ['other plugins', { cni: ['multus', 'canal'] }],
    ['another order', { cni: ['cilium', 'multus'] }],
    ['another label', { 'node-label': ['a=c'] }],
  ])('%s is a change, and a restart', async (_name, values) => {
    const { wanted, usual, changes } = await lookAtFile(values)
    expect(changes.map(({ effect }) => effect)).toContain('restart')
    expect(wanted.write).toEqual(usual)
  })

  it('is approved by the same name as one of today: the intent is the same', async () => {
    const [earlier, today] = [await lookAtFile({ 'write-kubeconfig-mode': '644' }), await lookAtFile({})]
    expect(earlier.wanted.intent).toBe(today.wanted.intent)
  })
})

describe('a configuration that others have written', () => {
  const worker = { ...(m3 ?? working.node), role: 'worker' as const }
  /** What is right of it where it says what Slipway would write, or `meaning`, and tells to join `server`. */
  const adopted = async (
    wanted: typeof wantedJoiner,
    node: ObservedHost['node'],
    told: string | null,
    meaning?: string,
  ) => {
    const at = host({ ...installed, config: installed.config.map(file => ({ ...file, server: told })) }, node)
    const usual = await wanted(session, stage, node, seen(at, m1))
    const bench = stageBench({
      adopted: new Map([
        [node.hostname, { file: 'bytes', meaning: meaning ?? meaningHash(session.hashKey, usual.write) }],
      ]),
    })
    return (await wanted(bench.session, stage, node, seen(at, m1))).adopted?.config ?? null
  }

  it('is right where it says the same, and not where something else is wanted since', async () => {
    expect(await adopted(wantedJoiner, m3 ?? working.node, url(0))).toBe('bytes')
    expect(await adopted(wantedJoiner, m3 ?? working.node, url(0), 'another')).toBeNull()
  })

  it.each([
    ['a server with its data asks nobody', wantedJoiner, m3, url(9), 'bytes'],
    ['a server that is told of nobody would make a second cluster', wantedJoiner, m3, null, null],
    ['the first server may be told of nobody', wantedFirst, m1, null, 'bytes'],
    ['and is told at the end, where there are others', wantedFinished, m1, null, null],
    ['an agent has to know one that is there', wantedJoiner, worker, url(1), 'bytes'],
    ['and no other one', wantedJoiner, worker, url(9), null],
    ['and not nobody', wantedJoiner, worker, null, null],
  ])('%s', async (_what, wanted, node, told, right) => {
    expect(await adopted(wanted, node ?? working.node, told)).toBe(right)
  })
})
