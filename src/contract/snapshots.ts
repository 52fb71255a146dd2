import { z } from 'zod'
import { folderStates } from '../domain/snapshots.ts'
import { findingShape } from './finding.ts'
import { storedError } from './runs.ts'

const snapshot = z.object({
  name: z.string(),
  size: z.int().describe('Bytes'),
  taken: z.string().describe('By the clock of the server'),
  age_s: z.int(),
})
const snapshotShape = snapshot.readonly()

const serverSnapshotsShape = z
  .object({
    hostname: z.string(),
    folder: z.string(),
    folder_state: z.enum(folderStates).nullable().describe('Null when the server could not be asked'),
    newest: snapshotShape.nullable(),
    count: z.int(),
    error: storedError.pick({ code: true, message: true, remedy: true }).readonly().nullable(),
  })
  .readonly()

export const snapshotReportShape = z
  .object({
    off: z.boolean().describe('Whether the cluster file switches scheduled snapshots off'),
    newest: snapshot.extend({ hostname: z.string(), folder: z.string() }).readonly().nullable(),
    servers: z.array(serverSnapshotsShape).readonly().describe('Installed servers; empty when there is none'),
    warnings: z.array(findingShape).readonly(),
  })
  .readonly()
export type ShownSnapshots = z.infer<typeof snapshotReportShape>
