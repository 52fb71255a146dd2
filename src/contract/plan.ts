import { z } from 'zod'
import { jsonShape } from './json.ts'
import { plannedOperationShape } from './operations.ts'
import { storedFindingShape } from './finding.ts'
import { subjectShape } from '../domain/subject.ts'

/** A plan is data: shown, hashed, stored, approved. The same words in API, file and database. */

const effect = z.enum(['create', 'update', 'restart', 'delete'])
export type Effect = z.infer<typeof effect>

export const changeShape = z
  .object({ effect, target: z.string(), summary: z.string(), detail: jsonShape.optional() })
  .readonly()

/**
 * Another stage of the plan, by its key, that comes first. `completed` (default): it must have completed or been skipped.
 * `settled`: it must have ended, however.
 */
export const needShape = z
  .object({ stage: z.string(), until: z.enum(['completed', 'settled']).exactOptional() })
  .readonly()

export type Need = z.infer<typeof needShape>

const leftOut = z
  .array(z.object({ host: z.string(), reason: z.string(), accepted: z.string().exactOptional() }).readonly())
  .readonly()
  .optional()

/** As people are told: `left out: unreachable, accepted`. Plans of earlier versions know no other word. */
export const leftOutText = ({ accepted = 'unreachable' }: { readonly accepted?: string | undefined }): string =>
  `left out: ${accepted}, accepted`

/** A stage's decision, or `unknown` when it could not be looked at: then a finding says why. */
export const decisionShape = z.discriminatedUnion('kind', [
  z
    .object({
      kind: z.literal('skip'),
      reason: z.string(),
      facts: jsonShape.optional(),
      left_out: leftOut,
      absent: z.literal(true).optional(),
    })
    .readonly(),
  z
    .object({
      kind: z.literal('run'),
      reason: z.string(),
      changes: z.array(changeShape).readonly(),
      facts: jsonShape.optional(),
      left_out: leftOut,
    })
    .readonly(),
  z
    .object({
      kind: z.literal('deferred'),
      reason: z.string(),
      until: z.string(),
      effects: z.array(effect).readonly(),
      facts: jsonShape.optional(),
      left_out: leftOut,
    })
    .readonly(),
  z.object({ kind: z.literal('unknown'), reason: z.string() }).readonly(),
])

/** For shapes that have more. */
export const plannedStage = z.object({
  kind: z.string(),
  key: z.string(),
  title: z.string(),
  needs: z.array(needShape).readonly(),
  arguments: jsonShape,
  disabled: z.string().optional(),
  optional: z.literal(true).exactOptional().describe('The run goes on, and completes, without it where it fails'),
  decision: decisionShape,
  /** Stages that bring what is still missing: 'after X'. */
  after: z.array(z.string()).readonly(),
  /** What is missing and no stage of the plan brings. */
  unmet: z.array(storedFindingShape).readonly(),
})
const plannedStageShape = plannedStage.readonly()

/** For shapes that have more. */
export const plan = z.object({
  hash: z.string(),
  subject: subjectShape.readonly(),
  title: z.string(),
  desired_version: z.int(),
  /** What it was planned for; plans of earlier versions do not say. */
  operation: plannedOperationShape.exactOptional(),
  has_changes: z.boolean(),
  stages: z.array(plannedStageShape).readonly(),
})
export const planShape = plan.readonly()

export type PlannedDecision = z.infer<typeof decisionShape>
export type PlannedStage = z.infer<typeof plannedStageShape>
export type Plan = z.infer<typeof planShape>
