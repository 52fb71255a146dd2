const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
export type Signal = keyof typeof exitCodes
type Handler = (signal: Signal) => void

const signals: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
const handlers: Handler[] = []
let listening = false

/**
 * Gives Ctrl-C, SIGTERM and the end of the terminal to a handler until the function returned is called; of several the
 * last one gets them. Our listeners stay for good once they are there: the library that starts child processes ends
 * this process on a signal that nobody else seems to listen to.
 */
export function takeSignals(handler: Handler): () => void {
  if (!listening) for (const signal of signals) process.on(signal, () => dispatch(signal))
  listening = true
  handlers.push(handler)
  return () => {
    const at = handlers.lastIndexOf(handler)
    if (at >= 0) handlers.splice(at, 1)
  }
}

export function dispatch(signal: Signal): void {
  // `nohup slipway …`: Node makes every signal deadly again that it was told to ignore, so bin/slipway hands it on.
  if (signal === 'SIGHUP' && process.env['SLIPWAY_NOHUP'] === '1') return
  const handler = handlers.at(-1)
  if (handler) handler(signal)
  else process.exit(exitCodes[signal])
}
