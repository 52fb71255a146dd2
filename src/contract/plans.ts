import { z } from 'zod'
import { clusterName, plainText } from '../domain/names.ts'
import { maxClusterFileBytes } from '../domain/clusterFile/decode.ts'
import { plan, plannedStage } from './plan.ts'
import { findingShape } from './finding.ts'
import { applyOperation, filesShape, operationShape } from './operations.ts'

/** A cluster file with the contents of the files it names; the server stores those sealed. */
export const documentShape = z
  .strictObject({
    name: z.string().max(4096).describe('What findings call the file'),
    source: z.string().max(maxClusterFileBytes).describe('The YAML text'),
    folder: z
      .string()
      .max(4096)
      .regex(/^\/\P{Cc}*$/u, 'an absolute path is needed')
      .optional()
      .describe('Where a relative artifact_path begins, on the machine of the server: the folder of the file'),
    files: filesShape.describe(
      'By the path as the file writes it; of a folder that it names each file, as FOLDER/NAME',
    ),
  })
  .readonly()
export type ClusterDocument = z.infer<typeof documentShape>

export const acceptShape = z
  .array(plainText.max(300))
  .max(100)
  .readonly()
  .default([])
  .describe('Warnings that are accepted by name; `host-key-changed:m1` accepts the key that m1 shows now')

export const planRequestShape = z
  .strictObject({
    document: documentShape.optional().describe('Plan against this file; nothing is stored'),
    cluster: clusterName.optional().describe('Plan against the stored desired state'),
    operation: operationShape.default(applyOperation),
    accept: acceptShape,
  })
  .refine(request => (request.document === undefined) !== (request.cluster === undefined), {
    error: 'exactly one of document and cluster is needed',
  })
  .readonly()
export type PlanRequest = z.infer<typeof planRequestShape>

const namedStage = plannedStage
  .extend({
    name: z.string().describe('What people call it: the key, or for a batch what is in it'),
  })
  .readonly()

export const plannedShape = plan
  .extend({
    stages: z.array(namedStage).readonly(),
    findings: z.array(findingShape).readonly().describe('Everything that is missing or doubtful, over all stages'),
    blocked: z.boolean().describe('An error, or a warning that was not accepted, refuses this plan'),
    accepted: z.array(z.string()).readonly(),
    notes: z.array(findingShape).readonly().describe('What is to be known of it, and stands in nobody’s way'),
    kept: z
      .array(z.string())
      .readonly()
      .describe('Nodes that the file does not name and that stay: they came after it was applied last'),
    returning: z
      .array(z.object({ hostname: z.string(), removed: z.string() }).readonly())
      .readonly()
      .describe('Nodes that were removed, at the time that is told, and come back'),
    settles: z
      .string()
      .nullable()
      .describe(
        'Run that failed, was cancelled or waits, and of which nothing is left to do: applying it settles that run',
      ),
    stores: z
      .boolean()
      .describe('Applying it changes the stored desired state, its secrets or its host keys, or settles a run'),
  })
  .readonly()
export type Planned = z.infer<typeof plannedShape>
