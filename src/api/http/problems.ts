import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { type Finding, SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import { problemOf } from '../../contract/problem.ts'

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
            : 'Write the request as /api/v1/openapi.json describes it.',
      }),
    )
    return new SlipwayError('usage', 'the request does not fit its description', { findings })
  }
  const status = 'statusCode' in thrown ? thrown.statusCode : undefined
  if (typeof status !== 'number' || status >= 500) return null
  return new SlipwayError('usage', thrown.message, { facts: { http_status: status } })
}

/** Answers what never became a request: it broke off, is too slow, has headers that are too large, or is no HTTP. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  const said = refusals.get(error.code ?? '') ?? { status: 400, message: 'the request is not well-formed HTTP' }
  const problem = { ...problemOf(new SlipwayError('usage', said.message)), status: said.status }
  const body = JSON.stringify(problem)
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${said.status} ${STATUS_CODES[said.status]}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\nContent-Type: application/problem+json\r\n\r\n${body}`,
    )
  socket.destroySoon()
}

const refusals = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, message: 'the request took too long to arrive' }],
  ['HPE_HEADER_OVERFLOW', { status: 431, message: 'the headers of the request are too large' }],
])
