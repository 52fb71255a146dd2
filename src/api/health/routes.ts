import { sql } from 'kysely'
import { z } from 'zod'
import type { Routes } from '../http/routes.ts'

const healthShape = z.object({ status: z.literal('ok'), version: z.string(), instance: z.string() })
const readyShape = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
})

/** Without a token: whether the process answers, and whether it can work. */
export const healthRoutes: Routes = application => async server => {
  server.get('/healthz', { schema: { response: { 200: healthShape } } }, async () => ({
    status: 'ok' as const,
    version: application.version,
    instance: application.instance,
  }))

  server.get('/readyz', { schema: { response: { 200: readyShape, 503: readyShape } } }, async (_, reply) => {
    const database = await sql`SELECT 1`.execute(application.store.database).then(
      () => ({ name: 'database', ok: true, detail: application.store.kind }),
      (error: unknown) => ({
        name: 'database',
        ok: false,
        detail: error instanceof Error ? error.message : 'no answer',
      }),
    )
    return reply.code(database.ok ? 200 : 503).send({ status: database.ok ? 'ok' : 'unavailable', checks: [database] })
  })
}
