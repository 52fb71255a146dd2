import { z } from 'zod'
import { acceptShape, documentShape, plannedShape } from './plans.ts'
import { subjectShape } from '../domain/subject.ts'
import { jsonShape } from './json.ts'
import { decisionShape, needShape, planShape } from './plan.ts'
import { findingShape } from './finding.ts'
import { applyOperation, operationShape } from './operations.ts'
import { runStatuses, stageStatuses, endedStatuses } from './events.ts'

/** For shapes that have more. */
export const storedError = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  causes: z.array(z.string()).readonly(),
  findings: z.array(findingShape).readonly(),
  facts: z.record(z.string(), jsonShape).readonly(),
})
export const storedErrorShape = storedError.readonly()
export type StoredError = z.infer<typeof storedErrorShape>

const run = z.object({
  id: z.string(),
  subject: subjectShape.readonly().describe('What it changes'),
  title: z.string(),
  status: z.enum(runStatuses),
  executed: z
    .boolean()
    .nullable()
    .describe('A living worker has it in its hands; a running one that nobody has waits for a server; null: it ended'),
  plan_hash: z.string(),
  pending_hash: z.string().nullable().describe('What `approve` has to name while the run awaits approval'),
  desired_version: z.int(),
  approved_by: z.string(),
  accepted: z.array(z.string()).readonly(),
  cancel_requested: z.boolean(),
  error: storedErrorShape.nullable(),
  superseded_by: z.string().nullable(),
  seq: z.int().describe('Number of its last event'),
  created: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
})
export const runShape = run.readonly()
export type Run = z.infer<typeof runShape>

/** Nobody works on it any more, though it may be resumed. */
export const hasEnded = ({ status }: Pick<Run, 'status'>): boolean => endedStatuses.has(status)

export const stageShape = z
  .object({
    key: z.string(),
    kind: z.string(),
    name: z.string().describe('What people call it: the key, or for a batch what is in it'),
    title: z.string(),
    needs: z.array(needShape.unwrap().required().readonly()).readonly(),
    disabled: z.string().nullable(),
    optional: z.boolean().describe('The run goes on, and completes, without it where it fails'),
    status: z.enum(stageStatuses),
    decision: decisionShape,
    reason: z.string().nullable(),
    attempts: z.int(),
    error: storedErrorShape.nullable(),
    started: z.string().nullable(),
    ended: z.string().nullable(),
  })
  .readonly()
export type Stage = z.infer<typeof stageShape>

export const runDetailShape = run
  .extend({
    stages: z.array(stageShape).readonly(),
    pending_plan: planShape.nullable().describe('What it would do now, while it awaits approval'),
  })
  .readonly()
export type RunDetail = z.infer<typeof runDetailShape>

export const startRunShape = z
  .strictObject({
    document: documentShape.optional().describe('The cluster file; without it the stored desired state is meant'),
    operation: operationShape.default(applyOperation),
    approve: z
      .string()
      .regex(/^[0-9a-f]{8,64}$/, 'a plan hash, or its first 8 characters at least')
      .nullable()
      .describe('Hash of the plan that was seen; null takes the plan as it is'),
    accept: acceptShape,
  })
  .readonly()
export type StartRun = z.infer<typeof startRunShape>

export const resumeRunShape = z.strictObject({ as_planned: z.boolean().default(false) }).readonly()
export type ResumeRun = z.infer<typeof resumeRunShape>

export const approveRunShape = z
  .strictObject({ hash: z.string().regex(/^[0-9a-f]{8,64}$/, 'not a plan hash') })
  .readonly()

export const interruptedQueryShape = z
  .strictObject({
    document: documentShape.optional().describe('The cluster file; without it the stored desired state is meant'),
    operation: operationShape.default(applyOperation),
    accept: acceptShape,
  })
  .readonly()
export type InterruptedQuery = z.infer<typeof interruptedQueryShape>

export const interruptedShape = z
  .object({
    run: runShape.nullable().describe('It was begun, and nobody executes it; null: there is none'),
    at: z.string().nullable().describe('Name of the stage that it stopped at'),
    differs: z
      .enum(['file', 'acceptance'])
      .nullable()
      .describe('What it does not do as it is asked for now; null: it is enough to go on with it'),
  })
  .readonly()
export type Interrupted = z.infer<typeof interruptedShape>

export const startedRunShape = z
  .object({
    run: z.string().nullable().describe('Null: there was nothing to do'),
    settled: z.string().nullable().describe('Run that had failed, was cancelled or waited, and is settled by this'),
    plan: plannedShape,
  })
  .readonly()
export type StartedRun = z.infer<typeof startedRunShape>
