/**
 * Lets at most `limit` pieces of work run at once; the others wait in the order of asking. Work whose signal is aborted
 * while it waits is not begun: the promise rejects with the signal's reason.
 */
export function atMost(limit: number): <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  const take = (signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted()
    if (running < limit) {
      running += 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.splice(waiting.indexOf(enter), 1)
        reject(signal?.reason)
      }
      const enter = (): void => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      waiting.push(enter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
  return async (work, signal) => {
    await take(signal)
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      // The place passes on to the next in line without becoming free in between.
      if (next) next()
      else running -= 1
    }
  }
}
