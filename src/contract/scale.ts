import { z } from 'zod'
import { runShape } from './runs.ts'
import { acceptShape } from './plans.ts'
import { operations } from './operations.ts'

/** `scale add` and `scale remove` as bodies of their own routes: the operation without its name. */
export const scaleAddShape = operations.scaleAdd
  .unwrap()
  .omit({ operation: true })
  .extend({ accept: acceptShape })
  .strict()
  .readonly()
export const scaleRemoveShape = operations.scaleRemove
  .unwrap()
  .omit({ operation: true })
  .extend({ accept: acceptShape })
  .strict()
  .readonly()

const counts = z.record(z.string(), z.int()).readonly()

export const scaleShape = z
  .object({
    cluster: z.string(),
    nodes: z
      .object({ initial_master: counts, master: counts, worker: counts })
      .readonly()
      .describe('Nodes that are not removed, by role, each once: by status, or as `behind`'),
    servers: z
      .object({
        on_record: z.int().describe('Servers that are or were members'),
        active: z.int(),
        needed: z.int().describe('A majority of those on record; with fewer active ones etcd stands still'),
        may_fail: z.int().describe('How many active ones may fail before that'),
      })
      .readonly()
      .describe('By the records: nobody has asked etcd. A plan counts the members as they are'),
    joining: z.array(z.string()).readonly().describe('Nodes that are wanted and were never a member'),
    leaving: z.array(z.string()).readonly().describe('Members that are not wanted any more'),
    run: runShape.nullable().describe('The run that is under way while nodes are joining or leaving; null: none'),
  })
  .readonly()
export type Scale = z.infer<typeof scaleShape>
