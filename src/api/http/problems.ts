import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { catalogue, type ErrorCode, type Finding, SlipwayError, toSlipwayError } from '../../domain/errors.ts'

export const findingShape = z.object({
  name: z.string(),
  severity: z.enum(['error', 'warning']),
  about: z.string(),
  message: z.string(),
  remedy: z.string(),
  place: z
    .object({ file: z.string(), line: z.int(), column: z.int(), path: z.string() })
    .optional()
    .describe('Set when the finding points into a file'),
})

const isCode = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code)

/** RFC 9457, with the catalogue's code and what to do. */
export const problemShape = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  remedy: z.string(),
  findings: z.array(findingShape),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})
export type Problem = z.infer<typeof problemShape>

export const problemOf = (error: SlipwayError): Problem => ({
  type: `urn:slipway:error:${error.code}`,
  title: catalogue[error.code].title,
  status: error.status,
  detail: error.message,
  code: error.code,
  remedy: error.remedy,
  findings: error.findings.map(finding => ({ ...finding })),
  facts: { ...error.facts },
})

/** The error as the server threw it, for a client. */
export function errorOf(problem: Problem): SlipwayError {
  const findings = problem.findings.map(({ place, ...finding }): Finding => (place ? { ...finding, place } : finding))
  const code = isCode(problem.code) ? problem.code : 'internal'
  return new SlipwayError(code, problem.detail, { remedy: problem.remedy, findings, facts: problem.facts })
}

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
