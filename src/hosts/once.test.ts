import { expect, it } from 'vitest'
import { once } from './once.ts'

it('loads once, also what is nothing', () => {
  let times = 0
  const load = once(() => {
    times += 1
    return undefined
  })
  expect([load(), load(), times]).toEqual([undefined, undefined, 1])
})

it('shares a promise, and tries again after one that failed or threw', async () => {
  const answers = [Promise.reject(new Error('gone')), Promise.resolve('here')]
  const load = once(async () => answers.shift())
  const first = load()
  expect(load()).toBe(first)
  await expect(first).rejects.toThrow('gone')
  expect([await load(), await load()]).toEqual(['here', 'here'])

  let broken = true
  const read = once(() => {
    if (broken) throw new Error('no file')
    return 'text'
  })
  expect(read).toThrow('no file')
  broken = false
  expect(read()).toBe('text')
})
