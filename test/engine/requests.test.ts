import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makePlan } from '../../src/engine/plan/plan.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { approveRun, cancelRun, createRun, resumeRun } from '../../src/engine/run/requests.ts'
import { listRuns } from '../../src/store/runs.ts'
import { aCluster, clusterFileOf, emptyStoreForEach, node } from '../store/fixtures.ts'
import { benchForEach, planTest, registry } from './bench.ts'
import { request } from './worldStages.ts'
import { applyDesiredState } from '../store/applyDesiredState.ts'

const store = emptyStoreForEach()
const bench = benchForEach(store)
const records = () => store().records
const planA = () => planTest(store(), [request('a', { folder: bench().folder })])
const by = { by: 'test' }

describe('a new run', () => {
  it('needs the hash of its plan, or eight characters of it at least', async () => {
    const plan = await planA()
    await expect(createRun(records(), plan, { ...by, hash: '00000000' })).rejects.toMatchObject({
      code: 'plan-changed',
    })
    const short = plan.hash.slice(0, 7)
    await expect(createRun(records(), plan, { ...by, hash: short })).rejects.toMatchObject({ code: 'plan-changed' })
    expect(await createRun(records(), plan, { ...by, hash: plan.hash.slice(0, 8) })).toMatch(/^[a-z0-9]{10}$/)
  })

  it('is refused with all findings while something is missing, and while a warning is not accepted', async () => {
    const { hash: _hash, has_changes: _changes, ...parts } = await planA()
    const finding = (name: string, severity: 'error' | 'warning') => ({
      name,
      severity,
      about: 'x',
      message: name,
      remedy: 'r',
    })
    const withFindings = (...unmet: ReturnType<typeof finding>[]) =>
      makePlan({ ...parts, stages: parts.stages.map(stage => Object.assign({}, stage, { unmet })) })
    const both = withFindings(finding('disk', 'error'), finding('swap', 'warning'))
    await expect(createRun(records(), both, by)).rejects.toMatchObject({
      code: 'preflight-failed',
      findings: [{ name: 'disk' }, { name: 'swap' }],
    })
    await expect(createRun(records(), both, { ...by, accept: ['disk', 'swap'] })).rejects.toMatchObject({
      findings: [{ name: 'disk' }],
    })
    const warning = withFindings(finding('swap', 'warning'))
    await expect(createRun(records(), warning, by)).rejects.toMatchObject({ findings: [{ name: 'swap' }] })
    const run = await createRun(records(), warning, { ...by, accept: ['swap'] })
    expect((await records().readRun(run)).accepted).toEqual(['swap'])
  })

  it('is refused when the desired state moved since the plan', async () => {
    await aCluster(store())
    const plan = await planA()
    await applyDesiredState(store().database, clusterFileOf('demo', [node('m1', '10.0.0.9', 'initial_master')]))
    await expect(createRun(records(), plan, by)).rejects.toMatchObject({ code: 'plan-changed' })
  })

  it('is refused while another one of the cluster is under way; of two at the same moment one is created', async () => {
    const plan = await planA()
    const both = await Promise.allSettled([createRun(records(), plan, by), createRun(records(), plan, by)])
    expect(both.map(one => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const refused = both.find(one => one.status === 'rejected')
    const created = both.find(one => one.status === 'fulfilled')
    expect(refused?.reason).toMatchObject({ code: 'lease-held', facts: { run: created?.value } })
  })

  it('of another kind of the same name is a run beside it, and changes nothing of the cluster', async () => {
    await aCluster(store())
    const plan = await planA()
    const { hash: _hash, has_changes: _changes, ...parts } = plan
    const machine = makePlan({ ...parts, subject: { kind: 'machine', name: 'demo' }, desired_version: 0 })
    const [run, other] = [await createRun(records(), plan, by), await createRun(records(), machine, by)]
    bench().work()
    expect([await bench().settled(run), await bench().settled(other)]).toEqual(['completed', 'completed'])
    expect(bench().takeovers).toEqual([])
    const leases = await store().database.selectFrom('leases').select(['subject_kind', 'number']).execute()
    expect(leases.toSorted((a, b) => a.subject_kind.localeCompare(b.subject_kind))).toEqual([
      { subject_kind: 'cluster', number: 1 },
      { subject_kind: 'machine', number: 1 },
    ])
    const list = await listRuns(store().database, { subject: machine.subject, limit: 5 })
    expect(list.map(({ id }) => id)).toEqual([other])
  })

  it('supersedes the open run of its cluster by name, and leaves other clusters alone', async () => {
    bench().work()
    const failing = (cluster: string) => bench().start([request('a', { folder: bench().folder, fails: 9 })], cluster)
    const [run, other] = [await failing('demo'), await failing('other')]
    expect([await bench().settled(run), await bench().settled(other)]).toEqual(['failed', 'failed'])
    const next = await failing('demo')
    expect(await records().readRun(run)).toMatchObject({ status: 'superseded', superseded_by: next })
    expect((await records().readRun(other)).status).toBe('failed')
    const last = (await bench().events(run)).at(-1)
    expect(last).toMatchObject({ type: 'run-superseded', data: { by: next } })
    await expect(resumeRun(records(), registry, run, { ...by, asPlanned: true })).rejects.toMatchObject({
      code: 'run-state',
      remedy: expect.stringContaining(`slipway runs demo ${next}`),
    })
  })
})

describe('resuming', () => {
  const failed = async () => {
    await aCluster(store())
    bench().work()
    const run = await bench().start([request('a', { folder: bench().folder, fails: 1 })])
    expect(await bench().settled(run)).toBe('failed')
    return run
  }

  it('wants to be told --as-planned when the desired state has moved', async () => {
    const run = await failed()
    await applyDesiredState(store().database, clusterFileOf('demo', [node('m1', '10.0.0.9', 'initial_master')]))
    await expect(resumeRun(records(), registry, run, by)).rejects.toMatchObject({ code: 'run-superseded' })
    await writeFile(join(bench().folder, 'a.done'), '')
    await resumeRun(records(), registry, run, { ...by, asPlanned: true })
    expect(await bench().settled(run)).toBe('completed')
  })

  it('refuses a stage that no code knows, and leaves the run as it is', async () => {
    const run = await failed()
    await expect(resumeRun(records(), createRegistry([]), run, by)).rejects.toMatchObject({ code: 'stage-unknown' })
    expect((await records().readRun(run)).status).toBe('failed')
  })

  it('binds a stage by its earlier name', async () => {
    const run = await failed()
    await store().database.updateTable('stage_runs').set({ kind: 'old-world' }).where('run', '=', run).execute()
    await writeFile(join(bench().folder, 'a.done'), '')
    await resumeRun(records(), registry, run, by)
    expect(await bench().settled(run)).toBe('completed')
  })

  it('is refused while the run is under way, and after it has completed', async () => {
    const run = await bench().start([request('a', { folder: bench().folder })])
    await expect(resumeRun(records(), registry, run, by)).rejects.toMatchObject({
      code: 'run-state',
      remedy: expect.stringContaining(`slipway logs -f ${run}`),
    })
    bench().work()
    await bench().settled(run)
    await expect(resumeRun(records(), registry, run, by)).rejects.toMatchObject({
      code: 'run-state',
      remedy: expect.stringContaining('nothing left to do'),
    })
  })

  it('of a run that waits for an approval says how to approve it', async () => {
    const run = await bench().start([request('a', { folder: bench().folder })])
    const { plan_hash: pending_hash } = await records().readRun(run)
    const paused = store().database.updateTable('runs').set({ status: 'awaiting_approval', pending_hash })
    await paused.where('id', '=', run).execute()
    await expect(resumeRun(records(), registry, run, by)).rejects.toMatchObject({
      code: 'run-state',
      remedy: expect.stringContaining(`slipway approve ${run} ${pending_hash.slice(0, 12)}.`),
    })
  })
})

it('a worker that does not know a stage fails the run with a clear error', async () => {
  const run = await bench().start([request('a', { folder: bench().folder })])
  bench().work({ registry: createRegistry([]) })
  expect(await bench().settled(run)).toBe('failed')
  expect((await records().readRun(run)).error?.code).toBe('stage-unknown')
})

it('cancelling a run that no worker has begun ends it at once; a second cancel is refused', async () => {
  const run = await bench().start([request('a', { folder: bench().folder })])
  await cancelRun(records(), run, 'test')
  expect((await records().readRun(run)).status).toBe('cancelled')
  await expect(cancelRun(records(), run, 'test')).rejects.toMatchObject({ code: 'run-state' })
  bench().work()
  expect(await bench().settled(run)).toBe('cancelled')
  expect(await bench().executed()).toEqual([])
})

it('approving is refused while nothing waits for an approval', async () => {
  const run = await bench().start([request('a', { folder: bench().folder })])
  await expect(approveRun(records(), run, { ...by, hash: 'a'.repeat(64) })).rejects.toMatchObject({
    code: 'run-state',
  })
})

it('a plan is found by a prefix of its hash', async () => {
  const plan = await planA()
  await records().savePlan(plan, 'test')
  await records().savePlan(plan, 'again')
  expect(await records().findPlan(plan.hash.slice(0, 8))).toEqual(plan)
  for (const prefix of [plan.hash.slice(0, 7), '%'.repeat(8), `${plan.hash}0`])
    await expect(records().findPlan(prefix)).rejects.toMatchObject({ code: 'not-found' })
})
