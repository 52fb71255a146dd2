export interface WorkQueue {
  add(key: string): void
  /** Adds it again in so many ms. */
  later(key: string, ms: number): void
  /** Settled when nothing is under way any more; what comes after is left out. */
  close(): Promise<void>
}

/** Does the work for one key at a time, and once more when the key came meanwhile. */
export function openWorkQueue(work: (key: string) => Promise<void>): WorkQueue {
  const running = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const timers = new Map<string, NodeJS.Timeout>()
  let closed = false

  const run = async (key: string) => {
    do {
      again.delete(key)
      await work(key)
    } while (again.has(key) && !closed)
    running.delete(key)
  }
  const add = (key: string) => {
    if (closed) return
    if (running.has(key)) again.add(key)
    else running.set(key, run(key))
  }
  return {
    add,
    later(key, ms) {
      clearTimeout(timers.get(key))
      if (!closed) timers.set(key, setTimeout(add, ms, key))
    },
    async close() {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(running.values())
    },
  }
}
