/** A number of places, taken in the order of asking. One for the whole process bounds the children on the machine. */
export interface Limiter {
  /** Waits for a place, runs, gives the place back. Rejects with the signal's reason when it is aborted while waiting. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>
  readonly running: number
  readonly waiting: number
}

export function createLimiter(places: number): Limiter {
  let running = 0
  const queue: (() => void)[] = []
  const take = (signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted()
    if (running < places) {
      running += 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.splice(queue.indexOf(enter), 1)
        reject(signal?.reason)
      }
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      queue.push(enter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
  return {
    async run(task, signal) {
      await take(signal)
      try {
        return await task()
      } finally {
        const next = queue.shift()
        // The place passes on to the next in line without becoming free in between.
        if (next) next()
        else running -= 1
      }
    },
    get running() {
      return running
    },
    get waiting() {
      return queue.length
    },
  }
}
