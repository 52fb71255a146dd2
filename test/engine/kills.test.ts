import { afterEach, beforeEach, expect, it } from 'vitest'
import { seeded } from '../seeded.ts'
import { createEmbedded, type TestDatabase } from '../store/databases.ts'
import { durableRequest } from './durableStages.ts'
import { chains, createKillableRuns, expectRightEnds, removeRuns, workAt } from './killHarness.ts'
import { order, type Victim, workUnderKills } from './randomKills.ts'

/**
 * 32 kills at the writes of a run, and some at random moments.
 * `SLIPWAY_KILLS` and `SLIPWAY_SEED` prolong it or repeat it: `make soak PIECE=kills` makes 200 of all in each round.
 */
const kills = Number(process.env['SLIPWAY_KILLS'] ?? 24)
const seed = Number(process.env['SLIPWAY_SEED'] ?? Date.now() % 1_000_000)
const patience = 900_000 + kills * 15_000

const two = (world: string) => [
  durableRequest('one', { folder: world, steps: 1, stepTime: 1 }),
  durableRequest('two', { folder: world, steps: 1, stepTime: 1 }, ['one']),
]
/** Run started, three for each stage (begun, a line of progress, completed), run completed. */
const writesOfTwo = 8
const work = (world: string) => chains(world, 60)

let database: TestDatabase
beforeEach(async () => {
  database = await createEmbedded()
})
afterEach(() => database.remove())

it(
  'ends right when its worker is killed just before and just after every write of a run',
  async () => {
    const sides = ['before', 'after'] as const
    const strikes = Array.from({ length: writesOfTwo }, (_, index) => sides.map(side => ({ write: index + 1, side })))
    const runs = await createKillableRuns(database, strikes.flat().length + 1, two)
    // Each process finishes the run that the one before was killed over, and is killed over the next.
    for (const [index, strike] of strikes.flat().entries()) {
      const killed = await workAt(runs, { at: { run: runs.ids[index] ?? '', ...strike } })
      expect(killed, `write ${strike.write}, ${strike.side}`).toBe(true)
    }
    const last = { run: runs.ids.at(-1) ?? '', write: writesOfTwo + 1, side: 'before' } as const
    expect(await workAt(runs, { at: last })).toBe(false)
    await expectRightEnds(runs)
    await removeRuns(runs)
  },
  patience,
)

it(
  `ends right when worker, database or both are killed ${kills} times at random moments (seed ${seed})`,
  async () => {
    const random = seeded(seed)
    const unharmed = await createKillableRuns(database, 4, work)
    const began = performance.now()
    await workAt(unharmed, {})
    const span = performance.now() - began
    await expectRightEnds(unharmed)
    await removeRuns(unharmed)
    const killed: Victim[] = []
    const next = () => ({ victim: order[killed.length % order.length] ?? 'worker', wait: random() * span })
    while (killed.length < kills) {
      const runs = await createKillableRuns(database, 4, work)
      while (await workUnderKills(runs, next, victim => killed.push(victim)));
      await expectRightEnds(runs)
      await removeRuns(runs)
    }
  },
  patience,
)
