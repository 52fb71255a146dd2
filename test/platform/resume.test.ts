import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readHistories } from '../../src/helm/release.ts'
import { removalPipeline } from '../../src/platform/removal/pipeline.ts'
import { rollbackPipeline } from '../../src/platform/rollback/pipeline.ts'
import { openPostgres } from '../../src/postgres/session.ts'
import { serverKind, type TestDatabase } from '../store/databases.ts'
import { type FaultyRuns, openFaultyRuns, type Strike } from './faultyRuns.ts'
import { helmByHand } from './byApi.ts'
import { fullReleases, platformWithData, versionsAtRest, versionsIn } from './fullPlatform.ts'
import { deployment, packedChart, values } from './packedChart.ts'
import { until } from '../until.ts'

/**
 * All of the platform from nothing to the Secrets of applications, then the way back of a release, and out: while workers,
 * Helm and answers get lost before and after writes of its stages, to the API and to the database. It ends as if nothing
 * had been. `make soak PIECE=platform` strikes at every write there is.
 */

const kind = serverKind()
let database: TestDatabase
let runs: FaultyRuns
beforeAll(async () => {
  database = await kind.create()
  runs = await openFaultyRuns(database, kind.server())
}, 60_000)
afterAll(async () => {
  await runs?.[Symbol.asyncDispose]()
  await database?.remove()
})

type Sample = readonly (readonly [RegExp, Strike])[]

const sample: Sample = [
  [/namespaces\/opensearch of slipway/, { victim: 'answer', side: 'after' }],
  [/definitions\/postgresclusters\./, { victim: 'answer', side: 'before' }],
  [/POST .*victoriametrics-operator\/secrets/, { victim: 'worker', side: 'after' }],
  [/deployments\/fluent-operator/, { victim: 'helm', side: 'after' }],
  [/clusterroles\/operator-grafana/, { victim: 'answer', side: 'before' }],
  [/opensearchclusters\/logs/, { victim: 'answer', side: 'before' }],
  [/vmclusters\/metrics/, { victim: 'worker', side: 'after' }],
  [/deployments\/back/, { victim: 'answer', side: 'after' }],
  [/POST .*namespaces\/postgres\/secrets of slipway/, { victim: 'worker', side: 'after' }],
  [/SQL CREATE ROLE "shop_owner"/, { victim: 'worker', side: 'after' }],
  [/SQL CREATE DATABASE/, { victim: 'worker', side: 'before' }],
  [/SQL CREATE EXTENSION/, { victim: 'answer', side: 'after' }],
  [/jobs\/secrets\/shop-database/, { victim: 'worker', side: 'before' }],
]

/** Each of the sample once; in the soak all that there are, one after the other, at every write. */
function strikesInTurn(some: Sample): (write: string) => Strike | null {
  const everywhere = (['worker', 'helm', 'answer'] as const).flatMap((victim): Strike[] => [
    { victim, side: 'before' },
    { victim, side: 'after' },
  ])
  const struck = new Map<string, number>()
  return write => {
    const own = some.flatMap(([at, strike]) => (at.test(write) ? [strike] : []))
    const times = struck.get(write) ?? 0
    struck.set(write, times + 1)
    return (process.env['SLIPWAY_SOAK'] ? everywhere : own)[times] ?? null
  }
}

it('ends right whatever gets lost in between: nothing is installed twice, no volume or password is another one', async () => {
  const { plane, proxy } = runs.faulty
  const kept = new Map<string, string>()
  const told = await runs.untilCompleted(strikesInTurn(sample), () => {
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

  const [password = '', ...others] = ['shop', 'jobs'].map(namespace => secretData(namespace, 'shop-database'))
  expect(others).toEqual([password])
  await using session = await openPostgres(runs.behind.login('shop_owner', password), AbortSignal.timeout(5000))
  expect(await session.rows('SELECT id FROM orders ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }])
}, 3_600_000)

const backSample: Sample = [
  [/POST .*namespaces\/shop\/secrets/, { victim: 'worker', side: 'after' }],
  [/PATCH .*deployments\/shop/, { victim: 'answer', side: 'before' }],
  [/DELETE .*configmaps\/extra/, { victim: 'worker', side: 'before' }],
  [/PUT .*release\.v1\.shop\.v2$/, { victim: 'helm', side: 'after' }],
]

it('goes back with a release to what it was, once, and leaves nothing of the newer one', async () => {
  const { plane } = runs.faulty
  const extra = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: extra }\n'
  const files = { 'templates/web.yaml': deployment, 'templates/extra.yaml': extra, 'values.yaml': values }
  const newer = join(runs.folder, 'newer.tgz')
  writeFileSync(newer, packedChart(files, { version: '1.1.0' }))
  helmByHand(plane, 'upgrade', 'shop', newer, '--namespace=shop', '--reuse-values', '--set=tag=2')
  expect(inShop('configmap/extra')).not.toBe('')
  const back = { operation: 'platform-rollback', component: 'shop', revision: null, namespace: null } as const
  const stages = rollbackPipeline('demo', back, platformWithData)
  const told = await runs.untilCompleted(strikesInTurn(backSample), () => {}, stages)
  expect(told.strikes.length).toBeGreaterThanOrEqual(backSample.length)
  expect(told).toMatchObject({ approved: 0 })
  expect(inShop('configmap/extra')).toBe('')
  expect(inShop('deployment/shop', '--output=jsonpath={..image}')).toBe('example.test/web:1')
  const [[newest, ...older] = []] = await readHistories(runs.faulty.direct, { name: 'shop' }, bounded())
  expect(newest).toMatchObject({ status: 'deployed', backTo: 1 })
  expect(older.map(({ status }) => status)).toEqual(older.map(() => expect.stringMatching(/^(superseded|failed)$/)))
  expect(await runs.planned(stages)).toMatchObject({ stages: [{ decision: { kind: 'skip' } }] })
}, 3_600_000)

const outSample: Sample = [
  [/PUT .*release\.v1\.shop\./, { victim: 'worker', side: 'after' }],
  [/DELETE .*deployments\/shop/, { victim: 'helm', side: 'after' }],
  [/DELETE .*release\.v1\.shop\.v1$/, { victim: 'worker', side: 'after' }],
  [/DELETE .*release\.v1\.shop\.v3$/, { victim: 'worker', side: 'after' }],
  [/DELETE .*clusterroles\/operator-kube-state-metrics/, { victim: 'worker', side: 'before' }],
]

it('takes releases out to their end, and nothing else; what is held is waited for, whoever goes on', async () => {
  const { plane, proxy } = runs.faulty
  plane.kubectl(['patch', 'deployment/shop', '-n', 'shop', '--type=merge', '--patch', finalizers('test.slipway/held')])
  const beside = () =>
    ['deployment/back', 'secrets --selector=name!=shop'].map(what =>
      inShop(...what.split(' '), '--output=jsonpath={..metadata.uid}'),
    )
  const before = beside()
  const from = proxy.asked.length
  const isWaitedFor = () =>
    proxy.asked.slice(from).some(({ path, isWatch }) => isWatch && /deployments\?.*name%3Dshop/.test(path))
  const components = ['shop', 'operator-kube-state-metrics']
  const off = {
    operation: 'platform-disable',
    components,
    uninstall: true,
    cascade: 'background',
    namespace: null,
  } as const
  const { stages } = removalPipeline('demo', { ...off, unknown: [] }, undefined)
  const ran = runs.untilCompleted(strikesInTurn(outSample), () => {}, stages)
  const waited = until('the Deployment is waited for', isWaitedFor, 3_000_000)
  expect(await Promise.race([ran.then(() => 'it has ended'), waited.then(() => 'it waits')])).toBe('it waits')
  plane.kubectl(['patch', 'deployment/shop', '-n', 'shop', '--type=merge', '--patch', finalizers()])
  const told = await ran
  expect(told.strikes.length).toBeGreaterThanOrEqual(outSample.length)
  expect(told).toMatchObject({ approved: 0 })
  for (const name of components) expect(await readHistories(runs.faulty.direct, { name }, bounded())).toEqual([])
  expect(inShop('deployment/shop')).toBe('')
  expect(beside()).toEqual(before)
  expect(await runs.planned(stages)).toMatchObject({ stages: components.map(() => ({ decision: { kind: 'skip' } })) })
}, 3_600_000)

const finalizers = (...all: string[]) => JSON.stringify({ metadata: { finalizers: all } })
const bounded = () => ({ signal: AbortSignal.timeout(5000) })
const inShop = (...what: string[]) =>
  runs.faulty.plane.kubectl(['get', ...what, '--namespace=shop', '--ignore-not-found']).trim()

/** What is made once: generated passwords and volumes, by their names. */
function lasting(): readonly (readonly [string, string])[] {
  const row = '{range .items[*]}{.kind}/{.metadata.namespace}/{.metadata.name} {.metadata.uid} {.data}{"\\n"}{end}'
  const kinds = 'secrets,persistentvolumeclaims'
  const lines = runs.faulty.plane.kubectl(['get', kinds, '-A', '-l', 'owner!=helm', `--output=jsonpath=${row}`])
  return lines.split('\n').flatMap(line => (line === '' ? [] : [[line.split(' ', 1).join(), line] as const]))
}

const secretData = (namespace: string, name: string) =>
  Buffer.from(
    runs.faulty.plane.kubectl(['get', 'secret', name, '-n', namespace, '--output=jsonpath={.data.password}']),
    'base64',
  ).toString('utf8')

const count = (kinds: string) => runs.faulty.plane.kubectl(['get', kinds, '-A', '-o', 'name']).trim().split('\n').length
