type Signal = 'SIGINT' | 'SIGTERM'
type Handler = (signal: Signal) => void

const handlers: Handler[] = []
let listening = false

/**
 * Gives Ctrl-C and SIGTERM to a handler until the function returned is called; of several the last one gets them. Our
 * listeners stay for good once they are there: the library that starts child processes ends this process on a signal
 * that nobody else seems to listen to.
 */
export function takeSignals(handler: Handler): () => void {
  if (!listening) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => dispatch(signal))
  listening = true
  handlers.push(handler)
  return () => {
    const at = handlers.lastIndexOf(handler)
    if (at >= 0) handlers.splice(at, 1)
  }
}

export function dispatch(signal: Signal): void {
  const handler = handlers.at(-1)
  if (handler) handler(signal)
  else process.exit(signal === 'SIGINT' ? 130 : 143)
}
