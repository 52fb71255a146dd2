import { z } from 'zod'
import { clusterName, filePath } from '../../domain/names.ts'
import { sourceFields } from '../chartSource.ts'
import { layers } from '../../contract/platform.ts'

/** What `component.yaml` says: a component that is a chart, and needs no code. */

/** `replica.persistence.size`, and `hosts[0].name` in lists. */
const valuePath = z
  .string()
  .max(253)
  .regex(/^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*$/, 'the path of a value is written like replica.persistence.size')
const labels = z.record(z.string().max(317), z.string().max(63))

/** Something that can be set of it in a cluster file, and where in the values of its chart that goes. */
const setting = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    value: valuePath,
    description: z.string().optional(),
    default: z.string().optional(),
    pattern: z.string().optional().describe('Regular expression over all of it'),
  }),
  z.strictObject({
    type: z.literal('integer'),
    value: valuePath,
    description: z.string().optional(),
    default: z.int().optional(),
    minimum: z.int().optional(),
    maximum: z.int().optional(),
  }),
  z.strictObject({
    type: z.literal('boolean'),
    value: valuePath,
    description: z.string().optional(),
    default: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('size'),
    value: valuePath,
    description: z.string().optional(),
    default: z.string().optional(),
  }),
])
export type OwnSetting = z.infer<typeof setting>

/** Something that is waited for beside the workloads of the chart. */
const condition = z.union([
  z.strictObject({
    pods: labels.describe('Pods with these labels are ready'),
    count: z.int().min(1).max(10_000).describe('At least so many of them'),
  }),
  z.strictObject({
    api_version: z.string().regex(/^[a-z0-9.-]+\/v[a-z0-9]+$/, 'written like cache.example/v1'),
    kind: z.string().regex(/^[A-Z][A-Za-z0-9]*$/),
    plural: z.string().regex(/^[a-z][a-z0-9]*$/),
    name: z.string().min(1).max(253),
    condition: z.string().default('Ready').describe('One of its status.conditions that is to be True'),
  }),
  z.strictObject({
    secret: z.string().min(1).max(253).describe('A Secret with this name'),
    keys: z.array(z.string()).min(1).max(50).describe('that has something in each of these'),
  }),
])
export type OwnCondition = z.infer<typeof condition>

export const definitionShape = z.strictObject({
  name: clusterName.max(53).optional().describe('Default: the name of its folder'),
  title: z.string().min(1).max(200).describe('What it is, in a few words'),
  layer: z.enum(layers).default('application'),
  needs: z.array(clusterName).max(20).default([]).describe('Components that have to be ready first'),
  namespace: clusterName.optional().describe('Default: its name'),
  timeout_s: z.int().min(10).max(7200).default(300),
  required: z.boolean().default(true),
  ...sourceFields,
  chart: filePath.describe(
    'Packed chart, or the folder of one, relative to this file; oci://HOST/PATH; or its name in a repository',
  ),
  values: z.record(z.string(), z.json()).default({}),
  settings: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'a setting is written like cache_size'), setting)
    .default({}),
  storage_class: z
    .array(valuePath)
    .max(20)
    .default([])
    .describe('Where in the values its storage class goes; none: it keeps no data'),
  image: z
    .strictObject({ registry: valuePath.optional(), repository: valuePath.optional(), tag: valuePath.optional() })
    .default({})
    .describe('Where in the values the registry, path and tag of its image go'),
  found_by: z
    .strictObject({
      labels,
      names: z.array(z.string()).max(20).default([]),
      image: z.string().min(1),
      definitions: z.array(z.string()).max(100).default([]),
      min_version: z.string().optional(),
    })
    .optional()
    .describe(
      'By what an installation of somebody else is found, which is then used; none: it may be there many times',
    ),
  ready: z.array(condition).max(50).default([]).describe('What is waited for beside the workloads of its chart'),
})
export type OwnDefinition = z.infer<typeof definitionShape>
