import { z } from 'zod'
import { acceptShape, documentShape, plannedShape } from './plans.ts'
import { subjectShape } from '../domain/subject.ts'
import { decisionShape, planShape } from './plan.ts'
import { findingShape } from './finding.ts'
import { runStatuses, stageStatuses, endedStatuses } from './events.ts'

export const storedErrorShape = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  causes: z.array(z.string()),
  findings: z.array(findingShape),
  facts: z.record(z.string(), z.json()),
})

export const runShape = z.object({
  id: z.string(),
  subject: subjectShape.describe('What it changes'),
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
  accepted: z.array(z.string()),
  cancel_requested: z.boolean(),
  error: storedErrorShape.nullable(),
  superseded_by: z.string().nullable(),
  seq: z.int().describe('Number of its last event'),
  created: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
})
export type Run = z.infer<typeof runShape>

/** Nobody works on it any more, though it may be resumed. */
export const hasEnded = ({ status }: Pick<Run, 'status'>): boolean => endedStatuses.has(status)

export const stageShape = z.object({
  key: z.string(),
  kind: z.string(),
  name: z.string().describe('What people call it: the key, or for a batch what is in it'),
  title: z.string(),
  needs: z.array(z.object({ stage: z.string(), until: z.enum(['completed', 'settled']) })),
  disabled: z.string().nullable(),
  status: z.enum(stageStatuses),
  decision: decisionShape,
  reason: z.string().nullable(),
  attempts: z.int(),
  error: storedErrorShape.nullable(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
})
export type Stage = z.infer<typeof stageShape>

export const runDetailShape = runShape.extend({
  stages: z.array(stageShape),
  pending_plan: planShape.nullable().describe('What it would do now, while it awaits approval'),
})
export type RunDetail = z.infer<typeof runDetailShape>

export const startRunShape = z.strictObject({
  document: documentShape.optional().describe('The cluster file; without it the stored desired state is applied'),
  approve: z
    .string()
    .regex(/^[0-9a-f]{8,64}$/, 'a plan hash, or its first 8 characters at least')
    .nullable()
    .describe('Hash of the plan that was seen; null takes the plan as it is'),
  accept: acceptShape,
})
export type StartRun = z.infer<typeof startRunShape>

export const interruptedQueryShape = z.strictObject({
  document: documentShape.optional().describe('The cluster file; without it the stored desired state is meant'),
  accept: acceptShape,
})
export type InterruptedQuery = z.infer<typeof interruptedQueryShape>

export const interruptedShape = z.object({
  run: runShape.nullable().describe('It was begun, and nobody executes it; null: there is none'),
  at: z.string().nullable().describe('Name of the stage that it stopped at'),
  differs: z
    .enum(['file', 'acceptance'])
    .nullable()
    .describe('What it does not do as it is asked for now; null: it is enough to go on with it'),
})
export type Interrupted = z.infer<typeof interruptedShape>

export const startedRunShape = z.object({
  run: z.string().nullable().describe('Null: there was nothing to do'),
  settled: z.string().nullable().describe('Run that had failed, was cancelled or waited, and is settled by this'),
  plan: plannedShape,
})
export type StartedRun = z.infer<typeof startedRunShape>
