/** Wakes who waits; a wake before the waiting counts as well, until it is cleared. */
export function createWaker(signal: AbortSignal) {
  let awake = false
  let resolve: (() => void) | null = null
  const wake = (): void => {
    awake = true
    resolve?.()
  }
  return {
    wake,
    clear: () => {
      awake = false
    },
    async wait(limit: number): Promise<void> {
      if (awake || signal.aborted) return
      const { promise, resolve: end } = Promise.withResolvers<void>()
      const done = (): void => end()
      resolve = done
      const timer = setTimeout(done, limit)
      signal.addEventListener('abort', done, { once: true })
      await promise
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve = null
    },
  }
}
