import fastifySwagger from '@fastify/swagger'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { createJsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { maxClusterFileBytes } from '../../domain/clusterFile/decode.ts'
import { maxAllFilesBytes } from '../../domain/clusterFile/keyFiles.ts'
import type { Application } from '../application.ts'
import { clusterRoutes } from '../clusters/routes.ts'
import { databaseRoutes } from '../database/routes.ts'
import { discoveryRoutes } from '../discovery/routes.ts'
import { eventRoutes } from '../events/routes.ts'
import { healthRoutes } from '../health/routes.ts'
import { inventoryRoutes } from '../inventory/routes.ts'
import { machineRoutes } from '../machines/routes.ts'
import { nodeRoutes } from '../nodes/routes.ts'
import { planRoutes } from '../plans/routes.ts'
import { platformChangeRoutes } from '../platform/changeRoutes.ts'
import { platformRoutes } from '../platform/routes.ts'
import { scaleRoutes } from '../scale/routes.ts'
import { runRoutes } from '../runs/routes.ts'
import { runStreamRoutes } from '../runs/streams.ts'
import { guard } from './guard.ts'
import { refuseConnection, sendProblem, useProblems } from './problems.ts'

export interface ServerOptions {
  readonly token: string
  readonly logger?: FastifyBaseLogger
}

/** Largest request; a cluster file of 1 MiB with all the files that it may name fits, each sign of them escaped. */
const bodyLimit = 2 * maxAllFilesBytes + 2 * maxClusterFileBytes

const described = createJsonSchemaTransform({ skipList: ['/api/v1/openapi.json'] })

/** What this process may not change is `readOnly` among its shapes; of a request that would say that it is not sent. */
const withoutReadOnly = <Described>(description: Described): Described =>
  JSON.parse(JSON.stringify(description, (key, value: unknown) => (key === 'readOnly' ? undefined : value)))

/** The HTTP API over an application; not listening yet. */
export async function createServer(application: Application, options: ServerOptions): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit,
    // Our own log says what happened; a line for every request says little.
    logController: new LogController({ disableRequestLogging: true }),
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    routerOptions: { maxParamLength: 300 },
    // What the framework refuses before a route is found: a path that is no UTF-8, a request that is no HTTP.
    frameworkErrors: (error, request, reply) => {
      sendProblem(request, reply, error)
    },
    clientErrorHandler: refuseConnection,
    requestTimeout: 60_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    return503OnClosing: true,
  })
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  useProblems(server)
  guard(server, options.token)
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Slipway',
        version: application.version,
        description: 'Machines to a running Kubernetes platform',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: route => withoutReadOnly(described(route)),
  })
  await server.register(healthRoutes(application))
  const resources = [
    clusterRoutes,
    discoveryRoutes,
    nodeRoutes,
    machineRoutes,
    planRoutes,
    platformRoutes,
    platformChangeRoutes,
    scaleRoutes,
    runRoutes,
    runStreamRoutes,
    eventRoutes,
    inventoryRoutes,
    databaseRoutes,
  ]
  for (const routes of resources) await server.register(routes(application), { prefix: '/api/v1' })
  server.get('/api/v1/openapi.json', () => server.swagger())
  return server
}
