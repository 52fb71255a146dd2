import { setTimeout as after } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { forgetHostKey, listHostKeys, pinHostKey } from '../../src/store/hostKeys.ts'
import { emptyStoreForEach } from './fixtures.ts'

const store = emptyStoreForEach()

it('refuse a query outside themselves instead of waiting for ever', async () => {
  const inside = store().transaction(async tx => {
    await pinHostKey(tx, 'demo', 'm1', 'A')
    await listHostKeys(store().database, 'demo')
  })
  await expect(inside).rejects.toThrow('a query outside the open transaction was tried inside it')
  expect(await listHostKeys(store().database, 'demo')).toEqual([])
})

it('refuse another transaction inside themselves', async () => {
  const inside = store().transaction(() => store().transaction(async () => 1))
  await expect(inside).rejects.toThrow('a query outside the open transaction')
})

it('let others query beside them, who do not see what is not committed', async () => {
  const begun = Promise.withResolvers<void>()
  const mayEnd = Promise.withResolvers<void>()
  let hasEnded = false
  const writing = store().transaction(async tx => {
    await pinHostKey(tx, 'demo', 'm1', 'A')
    begun.resolve()
    await mayEnd.promise
    await pinHostKey(tx, 'demo', 'm2', 'B')
    hasEnded = true
  })
  await begun.promise
  const seen = await listHostKeys(store().database, 'demo')
  expect([seen.length, hasEnded]).toEqual([0, false])
  mayEnd.resolve()
  await writing
  expect(await listHostKeys(store().database, 'demo')).toHaveLength(2)
})

it('leave nothing behind when they fail, and the connection works on', async () => {
  const failing = store().transaction(async tx => {
    await pinHostKey(tx, 'demo', 'm1', 'A')
    await sql`SELECT 1 / 0`.execute(tx)
  })
  await expect(failing).rejects.toThrow('division by zero')
  expect(await forgetHostKey(store().database, 'demo', 'm1')).toBe(false)
})

it('allow queries again after they have ended, to work they started', async () => {
  let later: Promise<unknown> = Promise.resolve()
  await store().transaction(async tx => {
    await listHostKeys(tx, 'demo')
    later = after(20).then(() => listHostKeys(store().database, 'demo'))
  })
  expect(await later).toEqual([])
})

it('are rolled back when they wait for something else than the database for 5 s', async () => {
  const waiting = store().transaction(async tx => {
    await pinHostKey(tx, 'demo', 'm1', 'A')
    await after(6_000)
    await listHostKeys(tx, 'demo')
  })
  await expect(waiting).rejects.toThrow()
  expect(await listHostKeys(store().database, 'demo')).toEqual([])
})
