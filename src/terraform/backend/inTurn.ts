import { setTimeout as delay } from 'node:timers/promises'
import { atMost } from '../../engine/plan/atMost.ts'
import type { StateBackend } from './stateBackend.ts'

type Place = Pick<StateBackend, 'fingerprint'>

const first = new Map<string, Promise<unknown>>()

/**
 * The first call of this process to a backend goes alone: by it some make the tables that they need, and fail where two do
 * that at once.
 */
export async function oneFirst<T>({ fingerprint }: Place, call: () => Promise<T>): Promise<T> {
  const before = first.get(fingerprint)
  if (before) {
    await before
    return call()
  }
  const result = call()
  first.set(
    fingerprint,
    result.catch(() => void first.delete(fingerprint)),
  )
  return result
}

/** ms for which others may be making workspaces, and between two tries. */
const patience = 30_000
const pause = 250

const turns = new Map<string, ReturnType<typeof atMost>>()

/**
 * Makes workspaces one after the other: some backends lock all of themselves for that, and refuse the second call at once.
 * @param isBusy whether a call was refused for that.
 */
export async function makeInTurn<T>(
  { fingerprint }: Place,
  call: () => Promise<T>,
  isBusy: (result: T) => boolean,
): Promise<T> {
  const turn = turns.get(fingerprint) ?? atMost(1)
  turns.set(fingerprint, turn)
  const until = Date.now() + patience
  return turn(async () => {
    for (;;) {
      const result = await call()
      if (!isBusy(result) || Date.now() > until) return result
      await delay(pause)
    }
  })
}
