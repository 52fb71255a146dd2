import { setTimeout as after } from 'node:timers/promises'
import type { Ledger } from './acknowledged.ts'
import { type BootOptions, type MachineParts, bootMachine, lastWords } from './machine.ts'
import type { FoundRun } from './words.ts'

/** A boot of the machine, and what it has told so far. */
export interface Boot {
  readonly mounted: Promise<void>
  /** All runs that it found; its worker has been started. */
  readonly working: Promise<readonly FoundRun[]>
  /** Resolves with the first row that the database acknowledged. */
  readonly firstRow: Promise<void>
  /** All runs at the end of a boot that finishes; the machine has ended by itself, in order. */
  readonly finished: Promise<readonly FoundRun[]>
  /** What the database said of its start. */
  readonly notes: readonly string[]
  cut(): Promise<void>
}

/** Far beyond what a start takes on a busy machine, ms. */
const patience = 600_000

/**
 * Boots the machine; what it acknowledges goes into the ledger. Each promise is rejected when the machine fails or
 * ends before, or takes ten minutes.
 */
export function boot(parts: MachineParts, options: BootOptions, ledger: Ledger): Boot {
  const machine = bootMachine(parts, options)
  const notes: string[] = []
  const working = Promise.withResolvers<readonly FoundRun[]>()
  const firstRow = Promise.withResolvers<void>()
  const finished = Promise.withResolvers<readonly FoundRun[]>()
  let found: FoundRun[] = []
  let failure = 'it ended'
  let cut = false
  let isFinished = false
  machine.onWord(word => {
    ledger.add(word)
    if (word.kind === 'found') found.push(word)
    else if (word.kind === 'note') notes.push(word.text)
    else if (word.kind === 'failed') failure = word.message
    else if (word.kind === 'written') firstRow.resolve()
    else if (word.kind === 'working') {
      working.resolve(found)
      found = []
    } else isFinished ||= word.kind === 'finished'
  })
  void machine.ended.then(() => isFinished && finished.resolve(found))
  const awaited = async <T>(what: string, wanted: Promise<T>): Promise<T> => {
    const timer = new AbortController()
    const fail = (why: string): never => {
      throw new Error(`the machine did not come as far as ${what}: ${why}\n${lastWords(parts)}`)
    }
    try {
      return await Promise.race([
        wanted,
        machine.ended.then(() => (isFinished ? wanted : fail(cut ? 'its power was cut' : failure))),
        after(patience, undefined, { signal: timer.signal }).then(() => fail(`it takes ${patience / 1000} s and more`)),
      ])
    } finally {
      timer.abort()
    }
  }
  const all = {
    mounted: awaited('its data disk', machine.mounted),
    working: awaited('its work', working.promise),
    firstRow: awaited('an acknowledgement', firstRow.promise),
    finished: awaited('the end of its work', finished.promise),
  }
  // Not all of them are awaited by everybody.
  for (const one of Object.values(all)) one.catch(() => {})
  return {
    ...all,
    notes,
    cut() {
      cut = true
      return machine.cut()
    },
  }
}
