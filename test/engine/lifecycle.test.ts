import { setTimeout as after } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SlipwayError } from '../../src/domain/errors.ts'
import type { RunStatus } from '../../src/contract/events.ts'
import type { RunRecords } from '../../src/engine/contract/records.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { approveRun, cancelRun, resumeRun } from '../../src/engine/run/requests.ts'
import { bindStage, type StageRequest } from '../../src/engine/contract/stage.ts'
import { emptyStoreForEach, emptyTables } from '../store/fixtures.ts'
import { createTestRun, benchForEach } from './bench.ts'
import { create } from './codeStages.ts'

/** What befalls a run, after its worker has written so often since the last. */
const whats = [
  'cancel',
  'resume',
  'approve',
  'stop',
  'dieBefore',
  'dieAfter',
  'answerLost',
  'more',
  'lose',
  'break',
  'fix',
] as const
type What = (typeof whats)[number]
const happening = fc.record({
  afterWrites: fc.nat({ max: 3 }),
  // A death and a cancel meet often.
  what: fc.constantFrom<What>(...whats, 'cancel', 'cancel', 'dieBefore', 'dieBefore', 'answerLost'),
})

interface World {
  readonly made: Set<string>
  /** The stage `b` would do more than was approved. */
  more: boolean
  broken: boolean
  /** What `a` had made was taken away, perhaps when nobody looks any more. */
  lost: boolean
}

const requests: StageRequest[] = [
  { kind: 'memory', key: 'a', title: 'a', needs: [], arguments: null },
  { kind: 'memory', key: 'b', title: 'b', needs: [{ stage: 'a' }], arguments: null },
  { kind: 'memory', key: 'c', title: 'c', needs: [], arguments: null },
]

const kindsOver = (world: World) =>
  createRegistry([
    {
      kind: 'memory',
      bind: ({ key }) =>
        bindStage({
          timeout: 20_000,
          touches: [],
          observe: async () => ({ made: world.made.has(key), more: key === 'b' && world.more }),
          checkPrerequisites: () => [],
          shouldRun: seen => {
            const changes = [...(seen.made ? [] : [create(key)]), ...(seen.more ? [create('more')] : [])]
            return changes.length === 0
              ? { kind: 'skip', reason: 'made' }
              : { kind: 'run', reason: 'not made', changes }
          },
          execute: async context => {
            await context.progress(`makes ${key}`)
            if (world.broken) throw new Error('broken on purpose')
            world.made.add(key)
            if (key === 'b') world.more = false
          },
          waitForReady: async () => {},
        }),
    },
  ])

const dead = (): SlipwayError => new SlipwayError('lease-lost', 'this worker is dead')

/**
 * A worker's records that fail for good before or after one of its writes, as they would for a killed process, or whose
 * answer to a write is lost with the connection.
 */
function mortal(records: RunRecords, onWrite: () => void) {
  let fate: 'lives' | 'dieBefore' | 'dieAfter' | 'answerLost' | 'dead' = 'lives'
  const living = <Parameters extends unknown[], Result>(call: (...given: Parameters) => Promise<Result>) => {
    return async (...given: Parameters): Promise<Result> => {
      if (fate === 'dead') throw dead()
      return call(...given)
    }
  }
  const mortalRecords: RunRecords = {
    ...records,
    // Workers come one after the other here, so whoever else has a lease is dead.
    exclusive: true,
    readRun: living(records.readRun),
    readStages: living(records.readStages),
    findPlan: living(records.findPlan),
    savePlan: living(records.savePlan),
    appendLog: living(records.appendLog),
    claim: living(records.claim),
    renew: living(records.renew),
    release: living(records.release),
    async write(run, transition, guard) {
      if (fate === 'dieBefore') fate = 'dead'
      if (fate === 'dead') throw dead()
      await records.write(run, transition, guard)
      onWrite()
      if (fate === 'dieAfter') {
        fate = 'dead'
        throw dead()
      }
      if (fate === 'answerLost') {
        fate = 'lives'
        throw new SlipwayError('database-unavailable', 'the answer was lost')
      }
    },
  }
  return {
    records: mortalRecords,
    suffer(how: 'dieBefore' | 'dieAfter' | 'answerLost') {
      if (fate === 'lives') fate = how
    },
    isDead: () => fate === 'dead',
  }
}

const store = emptyStoreForEach()
const bench = benchForEach(store)
const records = () => store().records

it('whatever befalls a run, no cancel is forgotten, each attempt is on record once, and it can be brought to its end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 10 }), happenings => story(happenings)),
    { numRuns: 40, endOnFailure: true },
  )
}, 240_000)

async function story(happenings: readonly { readonly afterWrites: number; readonly what: What }[]): Promise<void> {
  await emptyTables(store())
  const world: World = { made: new Set(), more: false, broken: false, lost: false }
  let failures = false
  const registry = kindsOver(world)
  const run = await createTestRun(store(), requests, 'demo', registry)
  let writes = 0
  const reported: unknown[] = []
  const newWorker = () => {
    const life = mortal(records(), () => void writes++)
    const report = (message: string, { error }: Readonly<Record<string, unknown>>) => {
      if (error !== undefined && !life.isDead()) reported.push([message, error])
    }
    return { life, worker: bench().work({ registry, records: life.records, report }) }
  }
  let { life, worker } = newWorker()
  const replace = async () => {
    await worker.stop()
    ;({ life, worker } = newWorker())
  }
  const status = async (): Promise<RunStatus> => (await records().readRun(run)).status
  const isOpen = (now: RunStatus) => now === 'queued' || now === 'running'
  const settled = async (): Promise<RunStatus> => {
    for (;;) {
      const now = await status()
      if (!isOpen(now)) return now
      if (life.isDead()) await replace()
      await after(3)
    }
  }
  const ask = async (what: 'cancel' | 'resume' | 'approve') => {
    if (what === 'cancel') await cancelRun(records(), run, 'test')
    if (what === 'resume') await resumeRun(records(), registry, run, { by: 'test' })
    const { pending_hash } = await records().readRun(run)
    if (what === 'approve') await approveRun(records(), run, { by: 'test', hash: pending_hash ?? '00000000' })
  }
  /** Whether it was granted. */
  const tryTo = async (what: 'cancel' | 'resume' | 'approve'): Promise<boolean> => {
    try {
      await ask(what)
      return true
    } catch (error) {
      if (!(error instanceof SlipwayError) || !['run-state', 'plan-changed'].includes(error.code)) throw error
      return false
    }
  }
  const happens: Record<What, () => Promise<unknown>> = {
    cancel: async () => {
      if (await tryTo('cancel')) expect(['cancelled', 'failed', 'completed']).toContain(await settled())
    },
    resume: () => tryTo('resume'),
    approve: () => tryTo('approve'),
    stop: replace,
    dieBefore: async () => life.suffer('dieBefore'),
    dieAfter: async () => life.suffer('dieAfter'),
    answerLost: async () => life.suffer('answerLost'),
    more: async () => void (world.more = true),
    lose: async () => {
      world.lost = true
      world.made.delete('a')
    },
    break: async () => {
      world.broken = true
      failures = true
    },
    fix: async () => void (world.broken = false),
  }
  for (const { afterWrites, what } of happenings) {
    const enough = writes + afterWrites
    while (writes < enough && !life.isDead() && isOpen(await status())) await after(1)
    if (life.isDead()) await replace()
    await happens[what]()
  }
  world.broken = false
  const steps: string[] = []
  for (let now = await settled(); now !== 'completed'; now = await settled()) {
    steps.push(now)
    if (now === 'failed') {
      expect(failures, (await records().readRun(run)).error?.message).toBe(true)
      // What could not have its turn waits for nothing any more.
      const rested = new Set((await records().readStages(run)).map(({ status }) => status))
      expect([...rested].filter(status => status === 'waiting' || status === 'running')).toEqual([])
    }
    expect(steps.length, steps.join(', ')).toBeLessThan(8)
    await ask(now === 'awaiting_approval' ? 'approve' : 'resume')
  }
  await worker.stop()
  await expectRight(run, world)
  expect(reported).toEqual([])
}

async function expectRight(run: string, world: World): Promise<void> {
  expect([...world.made]).toEqual(expect.arrayContaining(world.lost ? ['b', 'c'] : ['a', 'b', 'c']))
  const stages = await records().readStages(run)
  for (const stage of stages) expect(['completed', 'skipped']).toContain(stage.status)
  const events = await bench().events(run)
  expect(events.map(event => event.seq)).toEqual(events.map((_, index) => index + 1))
  const attempts = await store().database.selectFrom('attempts').selectAll().where('run', '=', run).execute()
  expect(attempts.filter(attempt => attempt.status === 'running')).toEqual([])
  // Each attempt has begun once on record.
  const begun = events.filter(event => event.type === 'stage-started').map(event => `${event.stage}/${event.attempt}`)
  expect(begun.toSorted()).toEqual(attempts.map(attempt => `${attempt.stage}/${attempt.number}`).toSorted())
}
