import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LabOperators, startOperators } from '../../lab/operators/operators.ts'
import { kubeconfigText } from '../../src/kubernetes/kubeconfigText.ts'
import { type FaultyPlane, startFaultyPlane } from '../kubernetes/faultyPlane.ts'
import { until } from '../until.ts'
import { chartIn } from './benchSession.ts'
import {
  fullPlatform,
  fullReleases,
  fullStages,
  makeRoom,
  versionsAtRest,
  versionsIn,
  writeCharts,
} from './fullPlatform.ts'
import { platformBench } from './platformBench.ts'

/** All of the platform on a real API server, by the real Helm. */

let faulty: FaultyPlane
let operators: LabOperators
beforeAll(async () => {
  faulty = await startFaultyPlane('controllers', 'scheduler', 'kwok')
  makeRoom(faulty.plane)
  writeCharts(charts())
  // Nothing is said of one database until all else has been there for long.
  const rules = { 'VMCluster victoriametrics/metrics': { order: 'no-status' } } as const
  operators = await startOperators({ kubeconfig: faulty.plane.kubeconfig, rules })
}, 60_000)
afterAll(async () => {
  await operators?.[Symbol.asyncDispose]()
  await faulty?.[Symbol.asyncDispose]()
})
const charts = () => join(faulty.plane.folder, 'charts')
const bench = platformBench(() => ({
  secret: async () => kubeconfigText(faulty.proxy.access, 'proxy'),
  hosts: () => Promise.reject(new Error('no server is needed')),
}))
const full = () => bench(fullPlatform, chartIn(charts()))

/** s */
const idle = 12

it('is made from nothing; who waits asks nothing; all of it is ready then, and the same again changes nothing', async () => {
  const { plane, proxy } = faulty
  const made = full().apply()
  const applied = /vmclusters\/metrics(?!.*dryRun)/
  await until('the last database is applied', () => proxy.asked.some(({ path }) => applied.test(path)))
  // What is beside it becomes ready.
  const seen = { requests: 0, at: 0 }
  await until('the API is asked nothing more', () => {
    if (seen.requests !== proxy.asked.length)
      Object.assign(seen, { requests: proxy.asked.length, at: performance.now() })
    return performance.now() - seen.at > 2000
  })
  await after(idle * 1000)
  expect(proxy.asked.slice(seen.requests).length).toBeLessThan((10 * idle) / 60)

  operators.behave({})
  const { status, errors, statuses } = await made
  expect({ status, errors }).toEqual({ status: 'completed', errors: [] })
  expect(statuses).toEqual(Object.fromEntries(fullStages.map(stage => [stage, 'completed'])))

  const before = await versionsAtRest(plane)
  const { stages } = await full().plan()
  expect(stages.map(({ decision }) => decision)).toEqual(
    fullStages.map(() => expect.objectContaining({ kind: 'skip', facts: expect.objectContaining({ state: 'ready' }) })),
  )
  expect(versionsIn(plane)).toBe(before)
  const row = '{range .items[*]}{.metadata.labels.name} {.metadata.labels.version}{"\\n"}{end}'
  const releases = plane.kubectl(['get', 'secrets', '-A', '-l', 'owner=helm', `--output=jsonpath=${row}`])
  expect(releases.trim().split('\n').toSorted()).toEqual(fullReleases.map(name => `${name} 1`).toSorted())
}, 120_000)
