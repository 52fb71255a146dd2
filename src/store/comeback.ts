import { setTimeout as after } from 'node:timers/promises'
import { isDatabaseAway } from '../engine/contract/databaseAway.ts'
import { translateDatabaseError } from './databaseErrors.ts'

/** A database that is started again when it dies: who wants a connection meanwhile waits for it. */
export interface Comeback {
  /** For so long, ms. */
  readonly within: number
  /** Aborted when it does not come back any more. */
  readonly over: AbortSignal
}

const retryEvery = 100

/** Whether a connection that could not be made may still be made, by one who has tried since `began`. */
export function isAway(error: unknown, began: number, comeback: Comeback | undefined): boolean {
  if (!comeback || comeback.over.aborted || performance.now() - began > comeback.within) return false
  return isDatabaseAway(translateDatabaseError(error))
}

/** Tries until it is back. Nothing was asked on a connection that was not made: to try again does nothing twice. */
export async function untilBack<T>(connect: () => Promise<T>, comeback: Comeback | undefined): Promise<T> {
  const began = performance.now()
  for (;;) {
    try {
      return await connect()
    } catch (error) {
      if (!isAway(error, began, comeback)) throw error
    }
    await after(retryEvery, undefined, { signal: comeback?.over }).catch(() => {})
  }
}
