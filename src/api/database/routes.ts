import { z } from 'zod'
import { problems, type Routes } from '../http/routes.ts'

/** The whole database as a file; see `slipway db backup`. */
export const databaseRoutes: Routes = application => async server => {
  server.get(
    '/database/backup',
    {
      schema: {
        description:
          'All of the database as it is at one moment, a gzip stream. The sealing key is not in it. A reply that breaks off is no backup',
        response: { 200: { content: { 'application/gzip': { schema: z.any() } } }, ...problems },
      },
    },
    async (_request, reply) =>
      reply
        .type('application/gzip')
        .header('cache-control', 'no-store')
        .send(application.store.backup(application.version)),
  )
}
