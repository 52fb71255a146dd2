import { expect, it } from 'vitest'
import { createTurns } from './turns.ts'

it('lets work of one name wait for the one before, also when that fails, and other names go ahead', async () => {
  const turns = createTurns()
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = turns.take('a', async () => {
    await gate.promise
    done.push('first')
    throw new Error('first')
  })
  const second = turns.take('a', async () => done.push('second'))
  await turns.take('b', async () => done.push('other'))
  expect(done).toEqual(['other'])
  gate.resolve()
  await expect(first).rejects.toThrow('first')
  await second
  expect(done).toEqual(['other', 'first', 'second'])
})
