import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { createRun, resumeRun } from '../../src/engine/run/requests.ts'
import type { StageRequest } from '../../src/engine/contract/stage.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { batch, batchKind } from './batchStages.ts'
import { benchForEach, planTest } from './bench.ts'
import { request, worldKind } from './worldStages.ts'

/** Each host of a batch stands for itself, also when it goes away between the plan and the stage's turn. */

const registry = createRegistry([worldKind, batchKind])

const store = emptyStoreForEach()
const bench = benchForEach(store)
const records = () => store().records
const turn = (host: string, state: string) => writeFile(join(bench().folder, `${host}.${state}`), '')
const hosts = ['w1', 'w2', 'w3']
const agents = (accepted: readonly string[] = [], needs: StageRequest['needs'] = []) =>
  batch('agents', { folder: bench().folder, hosts, accepted: [...accepted] }, needs)
const start = async (requests: readonly StageRequest[]) => {
  const made = await planTest(store(), requests, 'demo', registry)
  return createRun(records(), made, { by: 'test', hash: made.hash })
}
const work = () => bench().work({ registry })
const statuses = async (run: string) => (await records().readStages(run)).map(({ key, status }) => `${key} ${status}`)
const results = async (run: string) => {
  const rows = await store()
    .database.selectFrom('host_results')
    .select(['host', 'outcome'])
    .where('run', '=', run)
    .orderBy('host')
    .execute()
  return rows.map(({ host, outcome }) => `${host} ${outcome}`)
}

describe('a host that is off when its batch begins', () => {
  it('fails by itself: the others are done, what is once settled follows, what needs all of it does not', async () => {
    const run = await start([
      agents(),
      request('after', { folder: bench().folder }, [{ stage: 'agents' }]),
      request('anyway', { folder: bench().folder }, [{ stage: 'agents', until: 'settled' }]),
    ])
    await turn('w2', 'off')
    work()
    expect(await bench().settled(run)).toBe('failed')
    expect(await statuses(run)).toEqual(['agents failed', 'after blocked', 'anyway completed'])
    expect(await bench().executed()).toEqual(['w1', 'w3', 'anyway'])
    expect(await results(run)).toEqual(['w1 changed', 'w2 unreachable', 'w3 changed'])
    const { error } = await records().readRun(run)
    expect(error?.message).toContain('w2 could not take part; the others are done')
    expect(error?.findings.map(({ about, message }) => `${about}: ${message}`)).toEqual(['node w2: w2 is off'])
  })

  it('is all that a resume works on when it is back', async () => {
    const run = await start([agents(), request('after', { folder: bench().folder }, [{ stage: 'agents' }])])
    await turn('w2', 'off')
    work()
    expect(await bench().settled(run)).toBe('failed')
    await rm(join(bench().folder, 'w2.off'))
    await resumeRun(records(), registry, run, { by: 'test' })
    expect(await bench().settled(run)).toBe('completed')
    expect(await bench().executed()).toEqual(['w1', 'w3', 'w2', 'after'])
  })

  it('is told, and nothing else happens, where the others have nothing to do', async () => {
    await Promise.all([turn('w1', 'done'), turn('w3', 'done')])
    const run = await start([agents()])
    await turn('w2', 'off')
    work()
    expect(await bench().settled(run)).toBe('failed')
    expect(await bench().executed()).toEqual([])
    expect(await results(run)).toEqual(['w2 unreachable'])
  })

  it('does not hide what concerns all of them', async () => {
    const run = await start([agents()])
    await Promise.all([turn('w2', 'off'), writeFile(join(bench().folder, 'broken'), '')])
    work()
    expect(await bench().settled(run)).toBe('failed')
    expect(await bench().executed()).toEqual([])
    const names = (await records().readRun(run)).error?.findings.map(({ name }) => name)
    expect(names).toEqual(['host-unreachable', 'token-differs'])
  })
})

it('all findings of stages that failed for different hosts are the error of their run', async () => {
  const other = batch('others', { folder: bench().folder, hosts: ['x1', 'x2'], accepted: [] })
  const run = await start([agents(), other])
  await Promise.all(['w1', 'x2'].map(host => turn(host, 'off')))
  work()
  expect(await bench().settled(run)).toBe('failed')
  const { error } = await records().readRun(run)
  expect(error?.findings.map(({ about }) => about)).toEqual(['node w1', 'node x2'])
})

describe('a host that may be left out', () => {
  it('is planned without, and its run completes', async () => {
    await turn('w2', 'off')
    const made = await planTest(store(), [agents(['w2'])], 'demo', registry)
    expect(made.stages[0]).toMatchObject({ unmet: [], decision: { left_out: [{ host: 'w2', reason: 'w2 is off' }] } })
    const run = await start([agents(['w2'])])
    work()
    expect(await bench().settled(run)).toBe('completed')
    expect(await bench().executed()).toEqual(['w1', 'w3'])
    expect(await results(run)).toEqual(['w1 changed', 'w2 skipped', 'w3 changed'])
  })

  it('takes part when it is on', async () => {
    const run = await start([agents(['w2'])])
    work()
    expect(await bench().settled(run)).toBe('completed')
    expect(await bench().executed()).toEqual(['w1', 'w2', 'w3'])
  })

  it('stays left out of the run that was approved without it, though it comes back meanwhile', async () => {
    await turn('w2', 'off')
    const run = await start([agents(['w2'])])
    await rm(join(bench().folder, 'w2.off'))
    work()
    expect(await bench().settled(run)).toBe('completed')
    expect(await bench().executed()).toEqual(['w1', 'w3'])
  })

  it('is left out as well when it goes away after the plan', async () => {
    const run = await start([agents(['w2'])])
    await turn('w2', 'off')
    work()
    expect(await bench().settled(run)).toBe('completed')
    expect(await results(run)).toEqual(['w1 changed', 'w2 skipped', 'w3 changed'])
  })

  it('makes another plan: who is left out is part of what is approved', async () => {
    const hash = async () => (await planTest(store(), [agents(['w2'])], 'demo', registry)).hash
    const before = await hash()
    await turn('w2', 'done')
    const done = await hash()
    await turn('w2', 'off')
    expect(new Set([before, done, await hash()]).size).toBe(3)
  })
})
