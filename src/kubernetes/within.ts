import { setTimeout as after } from 'node:timers/promises'

/**
 * Work that has to be done within a time. It is given a signal that is aborted when the time is over, or when `signal` is.
 * @param time ms
 * @throws the reason of `signal` when that is aborted, and `late()` when the time is over.
 */
export async function within<T>(
  time: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> {
  signal.throwIfAborted()
  const own = new AbortController()
  const onAbort = () => own.abort(signal.reason)
  const timer = setTimeout(() => own.abort(new Error('late')), time)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await work(own.signal)
  } catch (error) {
    signal.throwIfAborted()
    throw own.signal.aborted ? late() : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** @param time ms @throws the signal's reason when it is aborted. */
export const pause = (time: number, signal: AbortSignal): Promise<void> =>
  after(time, undefined, { signal }).catch(() => signal.throwIfAborted())

/** ms before the next try after so many that failed: twice as long each time, and never quite the same for two clients. */
export const backoff = (tries: number, longest: number): number =>
  Math.min(longest, 100 * 2 ** Math.min(tries, 12)) * (0.75 + Math.random() / 2)
