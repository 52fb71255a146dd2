import { availableParallelism } from 'node:os'
import { atMost } from '../engine/plan/atMost.ts'

/** Each takes some 30 MB, and a processor for as long as it renders. */
const atOnce = Math.max(2, availableParallelism())
/** ms after which one only waits, for a hook or a registry, and is in nobody's way any more. */
const longestTurn = 10_000

const turn = atMost(atOnce)

/**
 * Does the work when few others of this process do theirs: charts of many clusters come at once. What hangs keeps others
 * waiting for so long and no longer.
 * @throws the signal's reason when it is aborted while the work waits for its turn.
 */
export function inTurn<T>(work: () => Promise<T>, signal: AbortSignal, patience = longestTurn): Promise<T> {
  return new Promise((resolve, reject) => {
    const held = async (): Promise<void> => {
      const done = work()
      done.then(resolve, reject)
      const over = Promise.withResolvers<void>()
      const timer = setTimeout(over.resolve, patience).unref()
      await Promise.race([done.catch(() => {}), over.promise])
      clearTimeout(timer)
    }
    turn(held, signal).catch(reject)
  })
}
