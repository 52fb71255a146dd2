import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import { host, installedFacts as installed, look, server } from './clusterLook.fixture.ts'
import type { HostLook } from './hostLook.ts'
import type { ClusterLook } from './look.ts'
import { machineFacts } from './machineFacts.fixture.ts'
import { argumentsOfStage, stageBench } from './stageBench.fixture.ts'
import { wantedFinished, wantedFirst, wantedJoiner } from './wanted.ts'
import { fileHashes } from './wantedFiles.ts'

const [m1, m2, m3] = [1, 2, 3].map(index => server(`m${index}`, index - 1))
const stage = argumentsOfStage('rke2/join:m3', 3, 1)
const withEndpoint = argumentsOfStage('rke2/join:m3', 3, 1, { api_endpoint: '10.0.0.100' })
const { session } = stageBench({})

/** Who answers speaks for the cluster; who has no data was installed anew. */
const seen = (first: HostLook, authority: typeof m1 | null, over: Partial<ClusterLook> = {}): ClusterLook =>
  look(installed, { nodes: [first], servers: [first], authority: authority ?? null, ...over })
const working = host(installed, m1)
const reinstalled = host(machineFacts(), m1)
const off: HostLook = { node: m1 ?? working.node, facts: null, error: new SlipwayError('host-unreachable', 'off') }
const unused = { bootstrap: { ...look(installed).bootstrap, state: 'unused' as const, ca_hash: null } }

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
