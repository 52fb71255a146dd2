// Journal lines in the form RKE2 writes them (logrus' text form), so that whoever reads the journal needs no second eye.
type Level = 'info' | 'warning' | 'error' | 'fatal'

function write(level: Level, message: string): void {
  process.stderr.write(`time="${new Date().toISOString()}" level=${level} msg=${JSON.stringify(message)}\n`)
}

export const log = {
  info: (message: string) => write('info', message),
  warn: (message: string) => write('warning', message),
  error: (message: string) => write('error', message),
  fatal: (message: string) => write('fatal', message),
}

/** An error's message with those of its causes, outermost first. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${explain(error.cause)}`
}
