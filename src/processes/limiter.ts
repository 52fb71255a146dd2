import { atMost } from '../engine/plan/atMost.ts'

/** A number of places, taken in the order of asking. One for the whole process bounds the children on the machine. */
export interface Limiter {
  /** Waits for a place, runs, gives the place back. Rejects with the signal's reason when it is aborted while waiting. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

export const createLimiter = (places: number): Limiter => ({ run: atMost(places) })
