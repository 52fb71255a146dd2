import type { Selectable } from 'kysely'
import { z } from 'zod'
import { eventTypes, type LogChunk, type RunEvent } from '../contract/events.ts'
import type { Database, Tables } from './tables.ts'

/** Events behind `after`, in their order. */
export async function readEvents(database: Database, run: string, after: number, limit: number): Promise<RunEvent[]> {
  const rows = await database
    .selectFrom('events')
    .selectAll()
    .where('run', '=', run)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map(runEvent)
}

const runEvent = (row: Selectable<Tables['events']>): RunEvent => ({
  ...row,
  type: z.enum(eventTypes).parse(row.type),
  data: z.json().parse(row.data),
})

/** Log chunks behind `after`, of all stages or of one, in the order in which they were written. */
export async function readLog(
  database: Database,
  run: string,
  from: { readonly stage?: string; readonly after: number },
  limit: number,
): Promise<LogChunk[]> {
  return database
    .selectFrom('log_chunks')
    .selectAll()
    .where('run', '=', run)
    .where('seq', '>', from.after)
    .$if(from.stage !== undefined, query => query.where('stage', '=', from.stage ?? ''))
    .orderBy('seq')
    .limit(limit)
    .execute()
}
