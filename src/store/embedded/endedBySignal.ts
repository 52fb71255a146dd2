const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Does work in whose middle a signal may end this process, and tidies up before it does. Where somebody else listens to
 * the signal, the end is his to say.
 */
export async function tidiedUpAtSignal<Result>(tidyUp: () => void, work: () => Promise<Result>): Promise<Result> {
  const offs = signals
    .filter(signal => process.listenerCount(signal) === 0)
    .map(signal => {
      const end = (): void => {
        process.off(signal, end)
        tidyUp()
        // As it would have ended without us.
        process.kill(process.pid, signal)
      }
      process.on(signal, end)
      return () => process.off(signal, end)
    })
  try {
    return await work()
  } finally {
    for (const off of offs) off()
  }
}
