import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { keptAlive } from './keptAlive.ts'

/** Often enough that no proxy or client takes a quiet stream for a dead one, ms. */
const heartbeat = 15_000

/** `Last-Event-ID`, as a client sends it that lost its connection. Loose: the other headers stay as they are. */
export const eventHeaders = (id: z.ZodType<string>) =>
  z.looseObject({ 'last-event-id': id.optional(), accept: z.string().optional() })

/** Items as they come, one JSON object a line; an empty line is a heartbeat. */
export const sendLines = <Item>(reply: FastifyReply, items: AsyncIterable<Item>): FastifyReply =>
  send(
    reply,
    'application/x-ndjson',
    keptAlive(items, item => `${JSON.stringify(item)}\n`, '\n', heartbeat),
  )

/** Items as server-sent events. `id` lets a client that lost its connection go on; the browser sends it by itself. */
export const sendEvents = <Item extends { readonly type: string }>(
  reply: FastifyReply,
  items: AsyncIterable<Item>,
  id: (item: Item) => string | number,
): FastifyReply => {
  const write = (item: Item) => `id: ${id(item)}\nevent: ${item.type}\ndata: ${JSON.stringify(item)}\n\n`
  return send(reply, 'text/event-stream', keptAlive(items, write, ': \n\n', heartbeat))
}

function send(reply: FastifyReply, type: string, parts: AsyncIterable<string>): FastifyReply {
  return reply
    .type(type)
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(parts, { objectMode: false, highWaterMark: 1024 * 1024 }))
}
