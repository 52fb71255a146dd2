import { z } from 'zod'
import { catalogue, type ErrorCode, type Finding, SlipwayError } from '../domain/errors.ts'
import { findingShape } from './finding.ts'

const isCode = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code)

/** RFC 9457, with the catalogue's code and what to do. */
export const problemShape = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    remedy: z.string(),
    findings: z.array(findingShape).readonly(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).readonly(),
  })
  .readonly()
export type Problem = z.infer<typeof problemShape>

export const problemOf = (error: SlipwayError): Problem => ({
  type: `urn:slipway:error:${error.code}`,
  title: catalogue[error.code].title,
  status: error.status,
  detail: error.message,
  code: error.code,
  remedy: error.remedy,
  findings: error.findings,
  facts: error.facts,
})

/** The error as the server threw it, for a client. */
export function errorOf(problem: Problem): SlipwayError {
  const findings = problem.findings.map(({ place, ...finding }): Finding => (place ? { ...finding, place } : finding))
  const code = isCode(problem.code) ? problem.code : 'internal'
  return new SlipwayError(code, problem.detail, { remedy: problem.remedy, findings, facts: problem.facts })
}
