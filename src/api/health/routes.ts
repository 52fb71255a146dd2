import { sql } from 'kysely'
import { healthShape, readyShape } from '../../contract/health.ts'
import type { Store } from '../../store/openStore.ts'
import type { Application } from '../application.ts'
import type { Routes } from '../http/routes.ts'

type Examined = Pick<Application, 'version' | 'instance'> & { readonly store: Pick<Store, 'database' | 'kind'> }

/** Without a token: whether the process answers, and whether it can work. Why it can't is for the log, not for everybody. */
export const healthRoutes = ((application: Examined) => async server => {
  server.get('/healthz', { schema: { response: { 200: healthShape } } }, async () => ({
    status: 'ok' as const,
    version: application.version,
    instance: application.instance,
  }))

  server.get('/readyz', { schema: { response: { 200: readyShape, 503: readyShape } } }, async (request, reply) => {
    const database = await sql`SELECT 1`.execute(application.store.database).then(
      () => ({ name: 'database', ok: true, detail: application.store.kind }),
      (err: unknown) => {
        request.log.error({ err }, 'the database does not answer')
        return { name: 'database', ok: false, detail: 'no answer' }
      },
    )
    return reply.code(database.ok ? 200 : 503).send({ status: database.ok ? 'ok' : 'unavailable', checks: [database] })
  })
}) satisfies Routes
