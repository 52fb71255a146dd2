import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { plainText } from '../../domain/names.ts'
import { readLog } from '../../store/events.ts'
import { readRun } from '../../store/runs.ts'
import { whileWanted } from '../http/requester.ts'
import { problems, type Routes, runParams } from '../http/routes.ts'
import { keptAlive } from './keptAlive.ts'
import { type LogChunk, type RunEvent, eventShape, logPieceShape } from '../../contract/events.ts'

const eventQuery = z.object({ after: z.coerce.number().int().min(0).optional() })
/** Loose: the other headers stay as they are. */
const eventHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .regex(/^\d{1,15}$/, 'the number of an event is needed')
    .optional(),
})
const logQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  stage: plainText.max(300).optional(),
  follow: z.stringbool().default(false),
})

/** Often enough that no proxy or client takes a quiet stream for a dead one, ms. */
const heartbeat = 15_000

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
        headers: eventHeaders,
        response: { 200: { content: { 'text/event-stream': { schema: eventShape } } }, ...problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await readRun(database, id)
      const signal = whileWanted(reply)
      const after = Number(request.headers['last-event-id'] ?? request.query.after ?? 0)
      application.wantWorker('followed')
      const events = records.follow(id, after, signal)
      return stream(reply, 'text/event-stream', keptAlive(events, serverSent, ': \n\n', heartbeat))
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
      const chunks = follow ? records.followLog(id, where, signal) : readAll(where, signal)
      return stream(reply, 'application/x-ndjson', keptAlive(chunks, piece, '\n', heartbeat))

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

/** `id` lets a client that lost its connection go on; the browser sends it back by itself. */
const serverSent = (event: RunEvent): string =>
  `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

/** Large texts in few objects: the cost of a line does not depend on the number of lines. */
const piece = ({ seq, stage, attempt, offset, text }: LogChunk): string =>
  `${JSON.stringify({ seq, stage, attempt, offset, text })}\n`

function stream(reply: FastifyReply, type: string, parts: AsyncIterable<string>): FastifyReply {
  return reply
    .type(type)
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(parts, { objectMode: false, highWaterMark: 1024 * 1024 }))
}
