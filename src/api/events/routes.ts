import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { eventPosition, eventTypes, placedEventShape } from '../../contract/events.ts'
import { pageOf } from '../../contract/page.ts'
import { machineParams } from '../../contract/machines.ts'
import { machineSubject } from '../../domain/machine.ts'
import { clusterSubject } from '../../domain/subject.ts'
import { requireRunsOf } from '../../store/uninstalls.ts'
import type { Beginning } from '../../store/allEvents.ts'
import type { EventFilter } from '../../store/events.ts'
import { page } from '../http/page.ts'
import { whileWanted } from '../http/requester.ts'
import { requireMachineRuns } from '../machines/actions.ts'
import { clusterParams, problems, type Routes } from '../http/routes.ts'
import { eventHeaders, sendEvents } from '../http/stream.ts'

/** One, or several with commas between them. */
const types = z
  .string()
  .max(1000)
  .transform(text => text.split(','))
  .pipe(z.array(z.enum(eventTypes)))

const eventsQuery = z
  .object({
    after: eventPosition.optional().describe('Position of the last event that was seen'),
    newest: z.coerce.number().int().min(0).max(1000).optional().describe('Begin with so many of the newest instead'),
    type: types.optional().describe('Only events of these types, with commas between them'),
    limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Of a page'),
    follow: z.stringbool().default(false).describe('Server-sent events, also of what happens from now on'),
  })
  .refine(query => query.after === undefined || query.newest === undefined, {
    error: 'at most one of after and newest can be given',
  })
type EventsQuery = z.infer<typeof eventsQuery>

const headers = eventHeaders(eventPosition)
const schema = {
  querystring: eventsQuery,
  headers,
  response: {
    200: {
      content: {
        'application/json': { schema: pageOf(placedEventShape) },
        'text/event-stream': { schema: placedEventShape },
      },
    },
    ...problems,
  },
}

const howToRead =
  'in one order: the oldest first, a page at a time; with `follow=true` or `Accept: text/event-stream` as server-sent events that go on until the client leaves. Last-Event-ID (or `after`) is the position of the last event that was seen'

/** What happens over several runs. The order is the same for all readers, and none passes an event that comes later. */
export const eventRoutes: Routes = application => async server => {
  const { store } = application

  server.get(
    '/events',
    { schema: { description: `Events of all runs ${howToRead}`, ...schema } },
    async (request, reply) => answer(request, reply, {}),
  )

  server.get(
    '/clusters/:name/events',
    { schema: { description: `Events of all runs of a cluster ${howToRead}`, params: clusterParams, ...schema } },
    async (request, reply) => {
      await requireRunsOf(store.database, request.params.name)
      return answer(request, reply, { subject: clusterSubject(request.params.name) })
    },
  )

  server.get(
    '/machines/:machine/events',
    { schema: { description: `Events of all runs of a machine ${howToRead}`, params: machineParams, ...schema } },
    async (request, reply) => {
      const { machine } = request.params
      await requireMachineRuns(application, machine)
      return answer(request, reply, { subject: machineSubject(machine) })
    },
  )

  async function answer(
    request: { readonly query: EventsQuery; readonly headers: z.infer<typeof headers> },
    reply: FastifyReply,
    of: EventFilter,
  ) {
    const { type, limit, follow } = request.query
    const filter = { ...of, ...(type && { types: type }) }
    const place = await store.events.placeOf(filter, beginning(request.query, request.headers['last-event-id']))
    if (follow || request.headers.accept?.includes('text/event-stream')) {
      const events = store.events.follow(filter, place, whileWanted(reply))
      return sendEvents(reply, events, ({ position }) => position)
    }
    return page(await store.events.read(filter, place, limit + 1), limit, ({ position }) => position)
  }
}

/** One that comes back after a lost connection asks as it did first, and says besides what it has seen. */
const beginning = ({ after, newest }: EventsQuery, seen: string | undefined): Beginning =>
  seen === undefined && newest !== undefined ? { newest } : { after: seen ?? after ?? start }

/** Behind it are all events. */
const start = '0-0'
