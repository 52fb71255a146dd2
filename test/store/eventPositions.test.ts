import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { restoreBackup } from '../../src/store/backup/restoreBackup.ts'
import { openDatabase, openStore, type Store } from '../../src/store/openStore.ts'
import { createEmbedded, serverKind } from './databases.ts'
import { onePlan } from './onePlan.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const server = serverKind()

/** A run that has ended, with some events. */
async function aRun(store: Store, cluster: string, messages: readonly string[]): Promise<void> {
  const plan = onePlan(cluster, 0)
  await store.records.savePlan(plan, 'test')
  const run = await store.records.createRun(plan, { by: 'test', accepted: [] })
  await store.records.write(
    run,
    {
      run: { step: 'withdraw' },
      events: messages.map(message => ({ type: 'progress' as const, message })),
    },
    { lease: null },
  )
}

const behind = async (store: Store, after: string) =>
  store.events.read({}, await store.events.placeOf({}, { after }), 100)
const messages = async (store: Store, after: string) =>
  (await behind(store, after)).filter(({ type }) => type === 'progress').map(({ message }) => message)
const newest = async (store: Store): Promise<string> => (await behind(store, '0-0')).at(-1)?.position ?? ''

it('a reader goes on where he was in what is restored from a backup, and gets what comes then', async () => {
  const database = await createEmbedded()
  const store = await database.open()
  await aRun(store, 'one', ['one'])
  const halfway = await newest(store)
  await aRun(store, 'two', ['two'])
  const atBackup = await newest(store)
  const positions = (await behind(store, '0-0')).map(({ position }) => position)
  const backup = await buffer(store.backup('1.2.3'))
  await aRun(store, 'lost', ['lost one', 'lost two', 'lost three', 'lost four'])
  const lost = await newest(store)
  await store.close()

  for (const make of [createEmbedded, () => server.create()]) {
    const target = await make()
    const raw = await openDatabase(target.location)
    await restoreBackup(raw, Readable.from([backup]))
    await raw.close()
    const restored = await target.open()
    // What was read before is called as it was.
    expect((await behind(restored, '0-0')).map(({ position }) => position)).toEqual(positions)
    await aRun(restored, 'new', ['new'])
    expect(await messages(restored, halfway)).toEqual(['two', 'new'])
    expect(await messages(restored, atBackup)).toEqual(['new'])
    // He has read more than there is now; what is new here has numbers that he has seen elsewhere.
    expect(await messages(restored, lost)).toEqual(['new'])
    // The other branch does not know what is new here, and says so instead of going on anywhere.
    const before = await database.open()
    await expect(before.events.placeOf({}, { after: await newest(restored) })).rejects.toMatchObject({ code: 'usage' })
    await before.close()
    await restored.close()
    await target.remove()
  }
  await database.remove()
})

it('each copy of a folder goes its own way from where it was copied', async () => {
  const database = await createEmbedded()
  const store = await database.open()
  await aRun(store, 'one', ['one'])
  const common = await newest(store)
  await store.close()
  const copies = temporaryFolder('copies')
  const ends: string[] = []
  for (const name of ['first', 'second']) {
    const folder = join(copies, name)
    await cp(database.location.folder, folder, { recursive: true, preserveTimestamps: true })
    const copy = await openStore({ folder })
    await aRun(copy, 'more', [name])
    expect(await messages(copy, common)).toEqual([name])
    for (const elsewhere of ends)
      await expect(copy.events.placeOf({}, { after: elsewhere })).rejects.toMatchObject({ code: 'usage' })
    ends.push(await newest(copy))
    await copy.close()
  }
  await rm(copies, { recursive: true, force: true })
  await database.remove()
})

it('after a dump whose counters were not restored, numbers go on behind what is there', async () => {
  const database = await server.create()
  const store = await database.open()
  await aRun(store, 'one', ['one', 'two', 'three'])
  // A null in JSON is lost on the way that this copy takes.
  await sql`UPDATE stage_runs SET arguments = '{}'`.execute(store.database)
  const last = await newest(store)
  await store.close()
  const copy = await server.create()
  const nameOf = ({ location }: typeof copy) => ('url' in location ? new URL(location.url).pathname.slice(1) : '')
  await server.server().copyDatabase(nameOf(database), nameOf(copy))
  const copied = await copy.open()
  expect(await messages(copied, last)).toEqual([])
  await aRun(copied, 'two', ['four'])
  expect(await messages(copied, last)).toEqual(['four'])
  await copied.close()
  await Promise.all([database.remove(), copy.remove()])
})
