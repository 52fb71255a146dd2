import { z } from 'zod'
import { folderStates } from '../domain/snapshots.ts'
import { findingShape } from './finding.ts'

const snapshotShape = z.object({
  name: z.string(),
  size: z.int().describe('Bytes'),
  taken: z.string().describe('By the clock of the server'),
  age_s: z.int(),
})

const serverSnapshotsShape = z.object({
  hostname: z.string(),
  folder: z.string(),
  folder_state: z.enum(folderStates).nullable().describe('Null when the server could not be asked'),
  newest: snapshotShape.nullable(),
  count: z.int(),
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
})

export const snapshotReportShape = z.object({
  off: z.boolean().describe('Whether the cluster file switches scheduled snapshots off'),
  newest: snapshotShape.extend({ hostname: z.string(), folder: z.string() }).nullable(),
  servers: z.array(serverSnapshotsShape).describe('Installed servers; empty when there is none'),
  warnings: z.array(findingShape),
})
export type ShownSnapshots = z.infer<typeof snapshotReportShape>
