import { appendFileSync, renameSync, statSync } from 'node:fs'

/** Above this the log becomes the older one, bytes. */
const largestLog = 1024 * 1024

export interface ServerOutput {
  add(text: string): void
  /** What Slipway has to say about it, for people. */
  note(message: string): void
  /** Calls the listener with each line from now on. */
  onLine(listener: (line: string) => void): () => void
  /** What was said since the last start, the newest lines. */
  recent(): readonly string[]
  forget(): void
}

/** What PostgreSQL says on its standard error: a file of bounded size for people, lines for us. */
export function serverOutput(file: string): ServerOutput {
  const listeners = new Set<(line: string) => void>()
  let recent: string[] = []
  let begun = ''
  return {
    add(text) {
      keep(file, text)
      const lines = `${begun}${text}`.split('\n')
      begun = lines.pop() ?? ''
      for (const line of lines) {
        recent = [...recent.slice(-49), line]
        for (const listener of listeners) listener(line)
      }
    },
    note: message => keep(file, `${new Date().toISOString()} slipway: ${message}\n`),
    onLine(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    recent: () => (begun === '' ? recent : [...recent, begun]),
    forget() {
      recent = []
      begun = ''
    },
  }
}

function keep(file: string, text: string): void {
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > largestLog) renameSync(file, `${file}.older`)
    appendFileSync(file, text, { mode: 0o600 })
  } catch {
    // A full disk is told by the database itself; nothing may fail because of its log.
  }
}
