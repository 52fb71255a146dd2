import fastify from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { expect, it } from 'vitest'
import type { Tables } from '../../store/tables.ts'
import { healthRoutes } from './routes.ts'

class Refused extends DummyDriver {
  override acquireConnection(): never {
    throw new Error('password authentication failed for user "slipway" at 10.0.0.5')
  }
}
const database = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new Refused(),
    createIntrospector: db => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

it('readiness tells everybody that the database does not answer, and only the log why', async () => {
  const lines: string[] = []
  const server = fastify({ logger: { stream: { write: line => lines.push(line) } } })
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  await server.register(healthRoutes({ version: '1', instance: 'a', store: { database, kind: 'postgres' } }))
  const answer = await server.inject('/readyz')
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toEqual({
    status: 'unavailable',
    checks: [{ name: 'database', ok: false, detail: 'no answer' }],
  })
  expect(lines.join('')).toContain('password authentication failed')
})
