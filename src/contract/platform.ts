import { z } from 'zod'
import { stageStatuses } from './events.ts'
import { findingShape } from './finding.ts'
import { jsonShape } from './json.ts'
import { acceptShape } from './plans.ts'
import { operations } from './operations.ts'
import { storedError } from './runs.ts'

/** From below to above: what is in an upper layer may need what is in a lower one. */
export const layers = ['operator', 'infrastructure', 'database', 'application'] as const

/**
 * How a component or chart stands on its cluster. `external`: somebody else's is used in its place. `waiting`: it comes once
 * what it needs is ready. `blocked`: something stands in its way, which its findings tell.
 */
const platformState = z.enum([
  'ready',
  'external',
  'not-ready',
  'differs',
  'absent',
  'waiting',
  'blocked',
  'off',
  'unknown',
])
export type PlatformState = z.infer<typeof platformState>

/** What the decision of a stage of the platform rests on, for whoever tells how its component stands. */
export const platformFactsShape = z
  .object({
    state: platformState.extract(['ready', 'external', 'not-ready', 'differs', 'absent', 'unknown']),
    version: z.string().nullable().exactOptional(),
    /** `release web/web`, `Deployment pgo/pgo` */
    where: z.string().nullable().exactOptional(),
    owner: z.string().nullable().exactOptional(),
    storage_class: z.string().exactOptional(),
    storage_class_from: z.string().exactOptional(),
  })
  .readonly()
export type PlatformFacts = z.infer<typeof platformFactsShape>

/** `platform-apply` as the body of a route of its own: the operation without its name. */
export const platformPlanShape = operations.platformApply
  .unwrap()
  .omit({ operation: true })
  .extend({ accept: acceptShape })
  .strict()
  .readonly()

/** The others likewise. */
export const platformDisableShape = operations.platformDisable
  .unwrap()
  .omit({ operation: true })
  .extend({ accept: acceptShape })
  .strict()
  .readonly()
export const platformUpgradeShape = operations.platformUpgrade
  .unwrap()
  .omit({ operation: true })
  .extend({ accept: acceptShape })
  .strict()
  .readonly()
export const platformRollbackShape = operations.platformRollback
  .unwrap()
  .omit({ operation: true })
  .extend({ accept: acceptShape })
  .strict()
  .readonly()

const told = storedError.pick({ code: true, message: true, remedy: true }).readonly()

const lastRun = z
  .object({
    id: z.string(),
    stage: z.string().describe('Key of its stage there'),
    status: z.enum(stageStatuses).describe('How its stage stands in that run'),
    at: z.string().describe('When that was so'),
    error: told.nullable(),
  })
  .readonly()
export type LastRun = z.infer<typeof lastRun>
export const lastRunShape = lastRun.nullable()

const entry = z
  .object({
    name: z.string(),
    kind: z.enum(['prerequisites', 'component', 'chart']),
    title: z.string(),
    layer: z.enum(layers).nullable().describe('Null: what all others come after'),
    state: platformState,
    version: z.string().nullable().describe('Of what is there'),
    where: z
      .string()
      .nullable()
      .describe('`release web/web`, `Deployment pgo/pgo`, `PostgresCluster postgres/postgres`'),
    owner: z.string().nullable().describe('Whose it is, where it is somebody else’s'),
    storage_class: z.string().nullable().describe('That its data is kept in'),
    reason: z.string().nullable().describe('What it lacks, what differs, or what stands in its way; null: nothing'),
    waits_for: z
      .array(z.string())
      .readonly()
      .describe('Components and charts that it comes after and that are not ready'),
    needed_by: z.string().nullable().describe('The component that it comes with; null: the cluster file names it'),
    last_run: lastRun.nullable().describe('The last run that has touched it, or is to'),
    findings: z.array(findingShape).readonly(),
  })
  .readonly()
export type PlatformEntry = z.infer<typeof entry>

export const platformStatusShape = z
  .object({
    cluster: z.string(),
    looked_at: z.string().describe('When the look began'),
    differs: z.boolean().describe('Something is not as it is desired, or could not be seen'),
    plan: z.string().describe('Hash of the plan of `platform-apply`'),
    under_way: z.string().nullable().describe('Run that is at work on the cluster: what differs may be what it does'),
    api: z.object({ error: told.nullable().describe('Why nothing was seen; null: the API answered') }).readonly(),
    components: z.array(entry).readonly().describe('In the order of the catalogue, then charts in that of the file'),
    notes: z.array(findingShape).readonly().describe('What is there and is named no longer'),
    findings: z.array(findingShape).readonly().describe('What is no matter of one of them'),
  })
  .readonly()
export type PlatformStatus = z.infer<typeof platformStatusShape>

const settingShape = z
  .object({
    name: z.string(),
    kind: z.string().describe('What may stand for it, in words'),
    default: jsonShape.describe('Null: none, or it follows from others'),
    description: z.string(),
  })
  .readonly()

const componentInfoShape = z
  .object({
    name: z.string(),
    title: z.string(),
    layer: z.enum(layers),
    needs: z.array(z.string()).readonly().describe('Components that have to be ready first'),
    chart: z
      .object({ chart: z.string(), repository: z.string().nullable(), version: z.string().nullable() })
      .readonly()
      .nullable()
      .describe(
        'Where its chart is published; null: it is made of objects of the API, or done in what others have brought',
      ),
    namespace: z.string(),
    required: z.boolean().describe('A run fails with it, where nothing else is set'),
    timeout_s: z.int(),
    min_version: z.string().nullable().describe('The oldest one of somebody else’s that is used'),
    keeps_data: z.boolean(),
    found_by: z.array(z.string()).readonly().describe('By what an installation of somebody else is known'),
    ready_when: z.array(z.string()).readonly().describe('What is waited for, with the default settings'),
    settings: z.array(settingShape).readonly(),
  })
  .readonly()
export type ComponentInfo = z.infer<typeof componentInfoShape>

export const componentsAnswer = z
  .object({
    items: z.array(componentInfoShape).readonly(),
    faults: z.array(z.string()).readonly().describe('Why components of the user’s own are not among them'),
  })
  .readonly()
