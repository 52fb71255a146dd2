import { z } from 'zod'
import { plainText } from '../../domain/names.ts'
import { readLog } from '../../store/events.ts'
import { readRun } from '../../store/runs.ts'
import { whileWanted } from '../http/requester.ts'
import { problems, type Routes, runParams } from '../http/routes.ts'
import { eventHeaders, sendEvents, sendLines } from '../http/stream.ts'
import { eventShape, type LogChunk, type LogPiece, logPieceShape } from '../../contract/events.ts'

const eventQuery = z.object({ after: z.coerce.number().int().min(0).optional() })
const eventNumber = z.string().regex(/^\d{1,15}$/, 'the number of an event is needed')
const logQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  stage: plainText.max(300).optional(),
  follow: z.stringbool().default(false),
})

/** What a run does, as it happens. Both streams end with the run, and go on behind what a client has seen. */
export const runStreamRoutes: Routes = application => async server => {
  const { records, database } = application.store

  server.get(
    '/runs/:id/events',
    {
      schema: {
        description: 'Server-sent events; Last-Event-ID (or `after`) is the number of the last event that was seen',
        params: runParams,
        querystring: eventQuery,
        headers: eventHeaders(eventNumber),
        response: { 200: { content: { 'text/event-stream': { schema: eventShape } } }, ...problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await readRun(database, id)
      const signal = whileWanted(reply)
      const after = Number(request.headers['last-event-id'] ?? request.query.after ?? 0)
      application.wantWorker('followed')
      return sendEvents(reply, records.follow(id, after, signal), ({ seq }) => seq)
    },
  )

  server.get(
    '/runs/:id/log',
    {
      schema: {
        description: 'Pieces of the log, one JSON object a line; `after` is the number of the last piece that was seen',
        params: runParams,
        querystring: logQuery,
        response: { 200: { content: { 'application/x-ndjson': { schema: logPieceShape } } }, ...problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { follow, ...from } = request.query
      const run = await readRun(database, id)
      if (follow) application.wantWorker('followed')
      const signal = whileWanted(reply)
      const where = { after: from.after, ...(from.stage !== undefined && { stage: from.stage }) }
      return sendLines(reply, pieces(follow ? records.followLog(id, where, signal) : readAll(where, signal)))

      async function* readAll(start: typeof where, gone: AbortSignal) {
        let { after } = start
        while (!gone.aborted) {
          const page = await readLog(database, run.id, { ...start, after }, 50)
          yield* page
          const last = page.at(-1)
          if (!last) return
          after = last.seq
        }
      }
    },
  )
}

/** Large texts in few objects: the cost of a line does not depend on the number of lines. */
async function* pieces(chunks: AsyncIterable<LogChunk>): AsyncIterable<LogPiece> {
  for await (const { seq, stage, attempt, offset, text } of chunks) yield { seq, stage, attempt, offset, text }
}
