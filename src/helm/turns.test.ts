import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { inTurn } from './turns.ts'

const few = Math.max(2, availableParallelism())
const { signal } = new AbortController()

it('few work at once, in the order of asking; what fails, or is ended, gives its turn on', async () => {
  let [now, most] = [0, 0]
  const order: number[] = []
  const one = (number: number) => async () => {
    now += 1
    most = Math.max(most, now)
    order.push(number)
    await new Promise(resolve => setImmediate(resolve))
    now -= 1
    if (number % 5 === 0) throw new Error(`${number}`)
    return number
  }
  const all = Array.from({ length: few * 4 }, (_, at) =>
    inTurn(one(at), signal).catch((error: Error) => -Number(error.message)),
  )
  expect(await Promise.all(all)).toEqual(order.map(number => (number % 5 === 0 ? -number : number)))
  expect(order).toEqual([...order.keys()])
  expect(most).toBe(few)
})

it('what hangs keeps others waiting for its time and no longer; who is aborted meanwhile does not begin', async () => {
  const hangs = Array.from({ length: few }, () => Promise.withResolvers<string>())
  const hanging = hangs.map(({ promise }) => inTurn(() => promise, signal, 50))
  const stop = new AbortController()
  const begun: string[] = []
  const aborted = inTurn(async () => void begun.push('aborted'), stop.signal)
  const next = inTurn(async () => void begun.push('next'), signal)
  stop.abort(new Error('ended'))
  await expect(aborted).rejects.toThrow('ended')
  await next
  expect(begun).toEqual(['next'])
  for (const { resolve } of hangs) resolve('late')
  expect(await Promise.all(hanging)).toEqual(hanging.map(() => 'late'))
})
