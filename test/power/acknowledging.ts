import type { RunRecords } from '../../src/engine/contract/records.ts'
import { readEvents, readLog } from '../../src/store/events.ts'
import type { Store } from '../../src/store/openStore.ts'
import { type Word, digest } from './words.ts'

const page = 1_000

/** The records of a store; what is written through them is told as soon as the database has acknowledged it. */
export function acknowledging({ records, database }: Store, say: (word: Word) => void): RunRecords {
  /** The last number that was told, by run. */
  const events = new Map<string, number>()
  const logs = new Map<string, number>()
  return {
    ...records,
    async write(run, transition, guard) {
      await records.write(run, transition, guard)
      for (const event of await readEvents(database, run, events.get(run) ?? 0, page)) {
        events.set(run, event.seq)
        say({ kind: 'written', what: 'event', run, row: [event.seq, digest(event)] })
      }
    },
    async appendLog(run, chunks, lease) {
      await records.appendLog(run, chunks, lease)
      for (const chunk of await readLog(database, run, { after: logs.get(run) ?? 0 }, page)) {
        logs.set(run, chunk.seq)
        say({ kind: 'written', what: 'log', run, row: [chunk.seq, digest(chunk)] })
      }
    },
  }
}
