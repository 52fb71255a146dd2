import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { type Finding, SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import { problemOf } from './problemShape.ts'

export function useProblems(server: FastifyInstance): void {
  server.setErrorHandler((error, request, reply) => sendProblem(request, reply, error))
  server.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new SlipwayError('not-found', `there is no ${request.method} ${pathOf(request.url)}`)),
  )
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = requestError(thrown) ?? toSlipwayError(thrown)
  if (error.code === 'internal')
    request.log.error({ err: error.cause ?? error, url: pathOf(request.url) }, 'request failed')
  const problem = problemOf(error)
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

const pathOf = (url: string): string => url.split('?')[0] ?? url

/** What the framework itself refuses: bodies that are too large or no JSON, and requests that don't fit their schema. */
function requestError(thrown: unknown): SlipwayError | null {
  if (!(thrown instanceof Error) || thrown instanceof SlipwayError) return null
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const findings = thrown.validation.map(
      (issue): Finding => ({
        name: 'bad-request',
        severity: 'error',
        about: `${thrown.validationContext ?? 'request'}${issue.instancePath}`,
        message: issue.message ?? 'not allowed',
        remedy:
          thrown.validationContext === 'params'
            ? 'No cluster and no run is called that; `slipway status` lists what there is.'
            : 'Correct the request; /api/v1/openapi.json describes it.',
      }),
    )
    return new SlipwayError('usage', 'the request does not fit its description', { findings })
  }
  const status = 'statusCode' in thrown ? thrown.statusCode : undefined
  if (typeof status !== 'number' || status >= 500) return null
  return new SlipwayError('usage', thrown.message, { facts: { http_status: status } })
}
