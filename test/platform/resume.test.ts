import { afterAll, beforeAll, expect, it } from 'vitest'
import { readHistories } from '../../src/helm/release.ts'
import { serverKind, type TestDatabase } from '../store/databases.ts'
import { type FaultyRuns, openFaultyRuns, type Strike } from './faultyRuns.ts'
import { fullReleases, versionsAtRest, versionsIn } from './fullPlatform.ts'

/**
 * All of the platform from nothing, while workers, Helm and answers of the API get lost before and after writes of its
 * stages: it ends as if nothing had been. `make soak PIECE=platform` strikes at every write there is.
 */

const kind = serverKind()
let database: TestDatabase
let runs: FaultyRuns
beforeAll(async () => {
  database = await kind.create()
  runs = await openFaultyRuns(database)
}, 60_000)
afterAll(async () => {
  await runs?.[Symbol.asyncDispose]()
  await database?.remove()
})

const sample: readonly (readonly [RegExp, Strike])[] = [
  [/namespaces\/opensearch of slipway/, { victim: 'answer', side: 'after' }],
  [/definitions\/postgresclusters\./, { victim: 'answer', side: 'before' }],
  [/POST .*victoriametrics-operator\/secrets/, { victim: 'worker', side: 'after' }],
  [/deployments\/fluent-operator/, { victim: 'helm', side: 'after' }],
  [/clusterroles\/operator-grafana/, { victim: 'answer', side: 'before' }],
  [/opensearchclusters\/logs/, { victim: 'answer', side: 'before' }],
  [/vmclusters\/metrics/, { victim: 'worker', side: 'after' }],
  [/deployments\/back/, { victim: 'answer', side: 'after' }],
]

/** Each of the sample once; in the soak all that there are, one after the other, at every write. */
function strikesInTurn(): (write: string) => Strike | null {
  const everywhere = (['worker', 'helm', 'answer'] as const).flatMap((victim): Strike[] => [
    { victim, side: 'before' },
    { victim, side: 'after' },
  ])
  const struck = new Map<string, number>()
  return write => {
    const own = sample.flatMap(([at, strike]) => (at.test(write) ? [strike] : []))
    const times = struck.get(write) ?? 0
    struck.set(write, times + 1)
    return (process.env['SLIPWAY_SOAK'] ? everywhere : own)[times] ?? null
  }
}

it('ends right whatever gets lost in between: nothing is installed twice, no volume or password is another one', async () => {
  const { plane, proxy } = runs.faulty
  const kept = new Map<string, string>()
  const told = await runs.untilCompleted(strikesInTurn(), () => {
    for (const [name, is] of lasting()) {
      expect(is).toBe(kept.get(name) ?? is)
      kept.set(name, is)
    }
  })
  expect(kept.size).toBeGreaterThan(0)
  expect(told.strikes.length).toBeGreaterThanOrEqual(sample.length)
  expect(told).toMatchObject({ approved: 0 })

  const before = await versionsAtRest(plane)
  const { stages } = await runs.planned()
  expect(stages.map(({ decision }) => decision)).toEqual(
    stages.map(() => expect.objectContaining({ kind: 'skip', facts: expect.objectContaining({ state: 'ready' }) })),
  )
  expect(versionsIn(plane)).toBe(before)

  for (const name of fullReleases) {
    const releases = await readHistories(runs.faulty.direct, { name }, { signal: AbortSignal.timeout(5000) })
    const [[newest, ...older] = []] = releases
    expect([releases.length, newest?.status], name).toEqual([1, 'deployed'])
    // Only a step of Helm that had failed is taken again.
    expect(older.map(({ description }) => description)).toEqual(older.map(() => expect.stringMatching(/ failed: /)))
  }
  const removed = proxy.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path)
  expect(removed).toEqual(removed.map(() => expect.stringMatching(/\/secrets\/sh\.helm\.release\.v1\.[^/]*$/)))
  expect(count('replicasets')).toBe(count('deployments'))
}, 3_600_000)

/** What is made once: generated passwords and volumes, by their names. */
function lasting(): readonly (readonly [string, string])[] {
  const row = '{range .items[*]}{.kind}/{.metadata.namespace}/{.metadata.name} {.metadata.uid} {.data}{"\\n"}{end}'
  const kinds = 'secrets,persistentvolumeclaims'
  const lines = runs.faulty.plane.kubectl(['get', kinds, '-A', '-l', 'owner!=helm', `--output=jsonpath=${row}`])
  return lines.split('\n').flatMap(line => (line === '' ? [] : [[line.split(' ', 1).join(), line] as const]))
}

const count = (kinds: string) => runs.faulty.plane.kubectl(['get', kinds, '-A', '-o', 'name']).trim().split('\n').length
