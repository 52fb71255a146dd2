import { z } from 'zod'
import { clusterName, filePath } from '../../domain/names.ts'

/** What `provider.yaml` says: a way to make machines that is a Terraform module, and needs no code. */

/** As a variable of Terraform is called. */
const variableName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'a setting is called as a variable of the module')

const described = { description: z.string().optional(), required: z.boolean().default(false) }

const setting = z.discriminatedUnion('type', [
  z.strictObject({
    ...described,
    type: z.literal('text'),
    default: z.string().optional(),
    pattern: z.string().optional().describe('Regular expression over all of it'),
  }),
  z.strictObject({
    ...described,
    type: z.literal('integer'),
    default: z.int().optional(),
    minimum: z.int().optional(),
    maximum: z.int().optional(),
  }),
  z.strictObject({ ...described, type: z.literal('boolean'), default: z.boolean().optional() }),
  z.strictObject({
    ...described,
    type: z.literal('file').describe('A file that holds a secret: the module is given its contents'),
  }),
])
export type OwnSetting = z.infer<typeof setting>

const takes = z.enum(['required', 'optional']).optional()

export const definitionShape = z.strictObject({
  name: clusterName.optional().describe('Default: the name of its folder'),
  title: z.string().min(1).max(200).describe('What it is, in a few words'),
  module: filePath.default('.').describe('Folder of the Terraform module, relative to this file'),
  takes: z
    .strictObject({ memory: takes, cpus: takes, disk: takes, image: takes })
    .default({})
    .describe('Which of the common settings it knows; `required`: it makes no machine without'),
  unnoticed: z
    .array(z.string().min(1).max(100))
    .max(100)
    .default([])
    .describe('Arguments of its resources that are changed in place without the machine noticing, as tags'),
  settings: z.record(variableName, setting).default({}),
  environment: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .max(50)
    .default([])
    .describe('Variables of the environment of Slipway that its plugins may see'),
})
export type OwnDefinition = z.infer<typeof definitionShape>
