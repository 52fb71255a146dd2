import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { eventData } from '../../src/contract/eventData.ts'
import { plan } from '../../src/engine/plan/planner.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { createRun } from '../../src/engine/run/requests.ts'
import type { StageRequest } from '../../src/engine/contract/stage.ts'
import type { Store } from '../../src/store/openStore.ts'
import type { TestDatabase } from '../store/databases.ts'
import { durableKind, durableRequest } from './durableStages.ts'
import { builtProgram } from '../builtProgram.ts'
import { processesMarked } from '../processes.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { clusterSubject } from '../../src/domain/subject.ts'

/** Two chains that meet, and a stage beside them: something is always under way, and something always waits. */
export const chains = (world: string, stepTime: number): StageRequest[] => {
  const given = { folder: world, steps: 2, stepTime }
  return [
    durableRequest('first', given),
    durableRequest('left', given, ['first']),
    durableRequest('right', given, ['first']),
    durableRequest('beside', given),
    durableRequest('last', given, ['left', 'right']),
  ]
}

/** Runs on clusters of their own, in one database; workers are killed over them. */
export interface KillableRuns {
  readonly ids: readonly string[]
  readonly world: string
  readonly database: TestDatabase
}

export async function createKillableRuns(
  database: TestDatabase,
  clusters: number,
  stages: (world: string) => StageRequest[],
): Promise<KillableRuns> {
  const world = temporaryFolder('world')
  const store = await database.open()
  const ids: string[] = []
  try {
    for (let cluster = 0; cluster < clusters; cluster++) {
      await mkdir(join(world, `c${cluster}`))
      const made = await plan(stages(join(world, `c${cluster}`)), createRegistry([durableKind]), {
        subject: clusterSubject(`c${cluster}`),
        desiredVersion: 0,
        signal: AbortSignal.timeout(10_000),
      })
      ids.push(await createRun(store.records, made, { by: 'test' }))
    }
    return { ids, world, database }
  } finally {
    await store.close()
  }
}

export interface Strike {
  readonly at?: { readonly run: string; readonly write: number; readonly side: 'before' | 'after' }
}

/** A worker process, and when it has begun to look for work; its standard error is what it reported. */
export function startWorkerProcess(
  runs: KillableRuns,
  strike: Strike,
  leaseTime = 3_000,
): {
  readonly child: ChildProcess
  readonly working: Promise<unknown>
  readonly ended: Promise<{ code: number | null; killed: boolean; said: string }>
} {
  const { location } = runs.database
  const argument = JSON.stringify({
    location,
    world: runs.world,
    runs: runs.ids,
    leaseTime,
    killAt: strike.at,
    ...(strike.at && { runsAtOnce: 1 }),
  })
  const child = spawn(process.execPath, [builtProgram('killable.js'), argument], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString()
  })
  const ended = new Promise<{ code: number | null; killed: boolean; said: string }>(resolve =>
    child.once('close', (code, signal) => resolve({ code, killed: signal === 'SIGKILL', said })),
  )
  const working = Promise.race([
    once(child.stdout, 'data'),
    ended.then(({ said }) => Promise.reject(new Error(`it ended before it worked: ${said}`))),
  ])
  working.catch(() => {})
  return { child, working, ended }
}

/** Lets a worker process work at the runs; returns whether it was killed before they had ended. */
export async function workAt(runs: KillableRuns, strike: Strike): Promise<boolean> {
  const { code, killed, said } = await startWorkerProcess(runs, strike).ended
  if (!killed) expect({ code, said }).toEqual({ code: 0, said: '' })
  return killed
}

/**
 * What must be true of every run, however often its workers were killed.
 * @param before events up to this one were written by an earlier version, without the data of their type.
 */
export async function expectRightEnds(runs: KillableRuns, before = 0): Promise<void> {
  const store = await runs.database.open()
  try {
    for (const [index, id] of runs.ids.entries()) {
      const { status, seq } = await store.records.readRun(id)
      expect(status).toBe('completed')
      const stages = await store.records.readStages(id)
      expect(stages.map(stage => stage.status)).toEqual(stages.map(() => 'completed'))
      await expectEvents(store, id, seq, before)
      await expectNoRepetition(store, id, join(runs.world, `c${index}`))
      for (const chunk of await logOf(store, id)) expect(chunk).toMatch(/^step \d of /)
      expect(orphansOf(id)).toEqual([])
    }
  } finally {
    await store.close()
  }
}

/** Processes that carry the marker of one of the run's attempts. */
export const orphansOf = (run: string): readonly number[] => processesMarked(`SLIPWAY_ATTEMPT=${run}/`)

async function expectEvents(store: Store, run: string, seq: number, before: number): Promise<void> {
  const events = []
  for await (const event of store.records.follow(run, 0, AbortSignal.timeout(10_000))) events.push(event)
  for (const { type, data } of events.slice(before)) eventData[type].parse(data)
  expect(events.map(event => event.seq)).toEqual(Array.from({ length: seq }, (_, index) => index + 1))
  expect(events.filter(event => event.type === 'run-completed')).toHaveLength(1)
  const completed = events.filter(event => event.type === 'stage-completed').map(event => event.stage)
  expect(new Set(completed).size).toBe(completed.length)
}

/** A stage that was recorded as completed is never executed again: no later attempt has begun. */
async function expectNoRepetition(store: Store, run: string, world: string): Promise<void> {
  const attempts = await store.database
    .selectFrom('attempts')
    .select(['stage', 'number', 'status'])
    .where('run', '=', run)
    .orderBy('number')
    .execute()
  const begun = readFileSync(join(world, 'begun'), 'utf8').trim().split('\n')
  expect(new Set(begun).size).toBe(begun.length)
  for (const line of begun) {
    const [stage, number] = line.split(' ')
    const own = attempts.filter(attempt => attempt.stage === stage)
    expect(own.at(-1)?.status).toBe('completed')
    expect(own.slice(0, -1).every(attempt => attempt.status === 'interrupted')).toBe(true)
    expect(own.some(attempt => attempt.number === Number(number))).toBe(true)
  }
}

async function logOf(store: Store, run: string): Promise<string[]> {
  const texts: string[] = []
  for await (const chunk of store.records.followLog(run, { after: 0 }, AbortSignal.timeout(10_000)))
    texts.push(chunk.text)
  return texts
}

export const removeRuns = (runs: KillableRuns): Promise<void> => rm(runs.world, { recursive: true, force: true })
