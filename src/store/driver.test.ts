import { expect, it } from 'vitest'
import { kyselyOver } from './driver.ts'

interface Tables {
  runs: { id: string }
}

/** A database whose first `breaks` statements each find the connection broken. */
function breaking(breaks: number, how = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })) {
  const seen = { statements: 0, sessions: 0, broken: 0 }
  const database = kyselyOver<Tables>({
    session: async () => {
      seen.sessions++
      return {
        query: async () => {
          if (seen.statements++ < breaks) throw how
          return { rows: [{ id: 'one' }] }
        },
        release: error => {
          if (error) seen.broken++
        },
      }
    },
    close: async () => {},
  })
  return { database, seen }
}

const away = { code: 'database-unavailable' }

it('a read is asked again on another connection, also when that one breaks too', async () => {
  const { database, seen } = breaking(3)
  expect(await database.selectFrom('runs').select('id').execute()).toEqual([{ id: 'one' }])
  expect(seen).toEqual({ statements: 4, sessions: 4, broken: 3 })
})

it('a read on a database that never stays is given up', async () => {
  const { database, seen } = breaking(Number.POSITIVE_INFINITY)
  await expect(database.selectFrom('runs').select('id').execute()).rejects.toMatchObject(away)
  expect(seen).toEqual({ statements: 7, sessions: 7, broken: 7 })
})

it('a write is not repeated: nobody knows whether it is done', async () => {
  const { database, seen } = breaking(1)
  await expect(database.insertInto('runs').values({ id: 'two' }).execute()).rejects.toMatchObject(away)
  expect(seen.statements).toBe(1)
})

it('a read within a transaction is not repeated alone', async () => {
  const { database, seen } = breaking(1)
  const reading = database.transaction().execute(one => one.selectFrom('runs').select('id').execute())
  await expect(reading).rejects.toMatchObject(away)
  expect(seen.sessions).toBe(1)
})

it('a server that was waited for once is not waited for again', async () => {
  const { database, seen } = breaking(1, Object.assign(new Error('Query read timeout'), { code: 'none' }))
  await expect(database.selectFrom('runs').select('id').execute()).rejects.toMatchObject(away)
  expect(seen.statements).toBe(1)
})
