import { afterEach, beforeEach, expect, it } from 'vitest'
import { overBothDatabases, type TestDatabase } from '../store/databases.ts'
import { chains, createKillableRun, expectRightEnd, removeRun, seeded, workAt } from './killHarness.ts'
import { durableRequest } from './durableStages.ts'

/** R1. Both databases together; `SLIPWAY_KILLS` and `SLIPWAY_SEED` repeat or prolong it. */
const kills = Number(process.env['SLIPWAY_KILLS'] ?? 200) / 2
const seed = Number(process.env['SLIPWAY_SEED'] ?? Date.now() % 1_000_000)

overBothDatabases(kind => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await kind.create()
  })
  afterEach(() => database.remove())

  it('ends right when its worker is killed just before and just after every write of a run', async () => {
    for (let write = 1, ended = false; !ended; write++)
      for (const side of ['before', 'after'] as const) {
        const run = await createKillableRun(database, world => [
          durableRequest('one', { folder: world, steps: 1, stepTime: 1 }),
          durableRequest('two', { folder: world, steps: 1, stepTime: 1 }, ['one']),
        ])
        const killed = await workAt(run, { at: { write, side } })
        if (killed) expect(await workAt(run, {}), `write ${write}, ${side}`).toBe(false)
        else ended = true
        await expectRightEnd(run)
        await removeRun(run)
      }
  })

  it(`ends right when its workers are killed ${kills} times at random moments (seed ${seed})`, async () => {
    const random = seeded(seed)
    const unharmed = await createKillableRun(database, world => chains(world, 30))
    const began = performance.now()
    await workAt(unharmed, {})
    const span = (performance.now() - began) * 1.1
    await removeRun(unharmed)
    for (let killed = 0; killed < kills; ) {
      const run = await createKillableRun(database, world => chains(world, 30))
      while (await workAt(run, { after: random() * span })) killed++
      await expectRightEnd(run)
      await removeRun(run)
    }
  })
})
