import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as after } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { allBeingMade, placesOf } from '../../src/store/embedded/places.ts'
import { openStore } from '../../src/store/openStore.ts'
import { builtProgram } from '../builtProgram.ts'
import { seeded } from '../seeded.ts'
import { asNewer, earlierFolder, openedAsEarlier, rowsIn } from './earlierDatabase.ts'
import { postmasterOf } from './postmaster.ts'
import { removeDataFolder } from './removeDataFolder.ts'

/** `make soak PIECE=conversions` makes more of them; `SLIPWAY_SEED` repeats a round. */
const kills = process.env['SLIPWAY_SOAK'] ? 60 : 3
/** About as long as one takes that nobody disturbs, ms. */
const longest = 1_800
const seed = Number(process.env['SLIPWAY_SEED'] ?? Date.now() % 1_000_000)
const victims = ['SIGKILL', 'SIGTERM', 'database'] as const

let folder: string
let before: { readonly rows: Map<string, string[]>; readonly epoch: number }
beforeEach(() => begin())
afterEach(() => removeDataFolder(folder))

async function begin(): Promise<void> {
  folder = await earlierFolder()
  before = await openedAsEarlier(folder)
}

const startConverting = (options: object = {}): ChildProcess =>
  spawn(process.execPath, [builtProgram('converting.js'), JSON.stringify({ folder, ...options })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/**
 * Whatever has happened: it has all that there was, and there is one of it. A database that is killed between the file of
 * its identity and its own row takes itself for one that was put back: its epoch grows then.
 */
async function expectWhole(epochs: 'same' | 'growing' = 'same'): Promise<void> {
  const store = await openStore(asNewer(folder))
  const { epoch } = store.installation
  expect(await rowsIn(store)).toEqual(before.rows)
  if (epochs === 'same') expect(epoch).toBe(before.epoch)
  else expect(epoch).toBeGreaterThanOrEqual(before.epoch)
  await store.close()
}

/** In their order: each process goes on with what the one before has left. After the first renames nothing is repeated. */
const moments = [
  ['mkdir postgresql.being-made', 'after'],
  ['COPY "nodes" (', 'before'],
  ['setval', 'before'],
  ['to postgresql.converted-from-17', 'after'],
  ['to postgresql.old-17', 'before'],
  ['to postgresql.old-17', 'after'],
  ['rename postgresql.converted-from-17 to postgresql', 'before'],
  ['rename postgresql.converted-from-17 to postgresql', 'after'],
  ['write identity.new', 'before'],
  ['to postgresql.being-removed-17', 'before'],
  ['to postgresql.being-removed-17', 'after'],
  ['remove postgresql.being-removed-17', 'before'],
] as const

it('a conversion that is killed at each of its steps is gone on with, and nothing is lost', async () => {
  for (const [call, side] of moments) {
    const child = startConverting({ killAt: { call, side } })
    expect(await once(child, 'exit'), `${side} ${call}`).toEqual([null, 'SIGKILL'])
    // In its place is the earlier one until a complete one is beside it.
    const there = existsSync(join(folder, 'postgresql'))
    expect(there || existsSync(join(folder, 'postgresql.converted-from-17')), `${side} ${call}`).toBe(true)
  }
  await expectWhole()
})

it(`a conversion that is killed at ${kills} random moments, or whose databases are, loses nothing (seed ${seed})`, async () => {
  const random = seeded(seed)
  for (let killed = 0; killed < kills; killed++) {
    const child = startConverting()
    const told = text(child.stdout ?? process.stdin)
    await Promise.race([told, after(random() * longest)])
    const victim = victims[killed % victims.length]
    if (victim === 'database') killDatabase(random)
    else child.kill(victim)
    expect(await told).toMatch(/^$|"clusters":|"code":"database-unavailable"/)
    if (readFileSync(join(folder, 'postgresql', 'PG_VERSION'), 'utf8').trim() !== '18') continue
    await expectWhole('growing')
    await removeDataFolder(folder)
    await begin()
  }
  await expectWhole('growing')
})

/** One of those that run in this moment, if any does. */
function killDatabase(random: () => number): void {
  const places = placesOf(folder)
  const postmasters = [places.real, ...allBeingMade(places)].flatMap(each => postmasterIn(each) ?? [])
  const victim = postmasters[Math.floor(random() * postmasters.length)]
  if (victim !== undefined) process.kill(victim, 'SIGKILL')
}

function postmasterIn(database: string): number | null {
  try {
    return postmasterOf(database)
  } catch {
    // It has just got another name.
    return null
  }
}
