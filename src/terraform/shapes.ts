import { z } from 'zod'

/** What OpenTofu and Terraform say as JSON, as far as it is read here. */

const action = z.enum(['no-op', 'create', 'read', 'update', 'delete', 'forget'])

const resourceChange = z.object({
  address: z.string(),
  type: z.string(),
  mode: z.string(),
  action_reason: z.string().optional(),
  change: z.object({
    actions: z.array(action).readonly(),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
    after_unknown: z.unknown().optional(),
    before_sensitive: z.unknown().optional(),
    after_sensitive: z.unknown().optional(),
    replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  }),
})
export type ResourceChange = Readonly<z.infer<typeof resourceChange>>

/** `show -json` of a plan. */
export const plannedShape = z.object({
  errored: z.boolean().optional(),
  resource_changes: z.array(resourceChange).readonly().default([]),
  resource_drift: z.array(resourceChange).readonly().default([]),
  output_changes: z.record(z.string(), z.object({ actions: z.array(action).readonly() })).default({}),
})

/** A state, version 4: the only one that these versions write. */
export const stateShape = z.object({
  version: z.int(),
  terraform_version: z.string(),
  serial: z.int().min(0),
  lineage: z.string().min(1),
  outputs: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
  resources: z
    .array(
      z.object({
        module: z.string().optional(),
        mode: z.string(),
        type: z.string(),
        name: z.string(),
        instances: z.array(
          z.object({
            index_key: z.union([z.string(), z.number()]).optional(),
            attributes: z.record(z.string(), z.unknown()).nullable().optional(),
          }),
        ),
      }),
    )
    .default([]),
})
export type TerraformState = Readonly<z.infer<typeof stateShape>>

const diagnostic = z.object({
  severity: z.enum(['error', 'warning']),
  summary: z.string(),
  detail: z.string().default(''),
  address: z.string().optional(),
  range: z.object({ filename: z.string(), start: z.object({ line: z.int() }) }).optional(),
})
export type Diagnostic = Readonly<z.infer<typeof diagnostic>>

/** A line of `plan -json` and `apply -json`. What is not of these is for nobody. */
export const messageShape = z.union([
  z.object({ type: z.literal('diagnostic'), diagnostic }),
  z.object({
    type: z.enum(['apply_start', 'apply_progress', 'apply_complete', 'apply_errored']),
    hook: z.object({
      resource: z.object({ addr: z.string() }),
      action: z.string(),
      elapsed_seconds: z.number().optional(),
    }),
  }),
  z.object({
    type: z.literal('provision_progress'),
    hook: z.object({ resource: z.object({ addr: z.string() }), output: z.string() }),
  }),
])
export type Message = Readonly<z.infer<typeof messageShape>>
