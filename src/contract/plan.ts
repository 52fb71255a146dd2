import { z } from 'zod'
import { jsonShape } from './json.ts'
import { storedFindingShape } from './finding.ts'
import { subjectShape } from '../domain/subject.ts'

/** A plan is data: shown, hashed, stored, approved. The same words in API, file and database. */

export const changeShape = z.object({
  effect: z.enum(['create', 'update', 'restart', 'delete']),
  target: z.string(),
  summary: z.string(),
  detail: jsonShape.optional(),
})

const leftOut = z.array(z.object({ host: z.string(), reason: z.string() })).optional()

/** A stage's decision, or `unknown` when it could not be looked at: then a finding says why. */
export const decisionShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('skip'),
    reason: z.string(),
    facts: jsonShape.optional(),
    left_out: leftOut,
    absent: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal('run'),
    reason: z.string(),
    changes: z.array(changeShape),
    facts: jsonShape.optional(),
    left_out: leftOut,
  }),
  z.object({
    kind: z.literal('deferred'),
    reason: z.string(),
    until: z.string(),
    effects: z.array(z.enum(['create', 'update', 'restart', 'delete'])),
    facts: jsonShape.optional(),
    left_out: leftOut,
  }),
  z.object({ kind: z.literal('unknown'), reason: z.string() }),
])

export const plannedStageShape = z.object({
  kind: z.string(),
  key: z.string(),
  title: z.string(),
  needs: z.array(z.object({ stage: z.string(), until: z.enum(['completed', 'settled']).optional() })),
  arguments: jsonShape,
  disabled: z.string().optional(),
  decision: decisionShape,
  /** Stages that bring what is still missing: 'after X'. */
  after: z.array(z.string()),
  /** What is missing and no stage of the plan brings. */
  unmet: z.array(storedFindingShape),
})

export const planShape = z.object({
  hash: z.string(),
  subject: subjectShape,
  title: z.string(),
  desired_version: z.int(),
  has_changes: z.boolean(),
  stages: z.array(plannedStageShape),
})

export type PlannedDecision = z.infer<typeof decisionShape>
export type PlannedStage = z.infer<typeof plannedStageShape>
export type Plan = z.infer<typeof planShape>
