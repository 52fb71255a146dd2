import { z } from 'zod'
import { machineName, machineStatuses } from '../domain/machine.ts'
import { filesShape } from './operations.ts'
import { jsonShape } from './json.ts'
import { acceptShape } from './plans.ts'
import { runShape } from './runs.ts'

const machine = z.object({
  name: z.string(),
  uid: z.string().describe('By it what is made of the machine is known at its provider'),
  provider: z.string(),
  status: z.enum(machineStatuses),
  status_since: z.string(),
  addresses: z.array(z.string()).readonly(),
  last_error: z.string().nullable(),
  use: z
    .object({ cluster: z.string(), status: z.string().describe('Status of the node') })
    .readonly()
    .nullable()
    .describe('The cluster that it is a node of'),
  ssh: z
    .object({
      user: z.string(),
      port: z.int(),
      key_file: z.string().nullable(),
      jump: z.array(z.string()).readonly().describe('Jump hosts as ssh takes them, the first is dialled first'),
    })
    .readonly()
    .nullable()
    .describe('How it is reached; null where nobody logs in to it, or its settings are not known to this version'),
  host_key: z.string().nullable().describe('The pinned ones, as lines of known_hosts under its name'),
  dotfiles_local_path: z.string().nullable().describe('Folder of dotfiles that inventories tell of it'),
  desired_version: z.int(),
  created: z.string(),
  updated: z.string(),
})
export const machineShape = machine.readonly()
export type Machine = z.infer<typeof machineShape>

export const machineDetailShape = machine
  .extend({
    spec: z.record(z.string(), jsonShape).readonly().describe('Its settings, as a file or a request has them'),
    outputs: z.record(z.string(), jsonShape).readonly().describe('What its Terraform module tells besides'),
    resources: z.array(z.string()).readonly().describe('What was made of it, by its addresses in the module'),
    state_place: z
      .object({ backend: z.string(), workspace: z.string() })
      .readonly()
      .nullable()
      .describe('Where its Terraform state is; null: in the database'),
    last_run: runShape
      .unwrap()
      .pick({ id: true, title: true, status: true, executed: true, created: true })
      .readonly()
      .nullable(),
  })
  .readonly()
export type MachineDetail = z.infer<typeof machineDetailShape>

const wish = {
  operation: z.enum(['create', 'destroy']),
  spec: z
    .record(z.string(), z.unknown())
    .readonly()
    .nullable()
    .default(null)
    .describe('Settings: provider, memory, cpus, disk, image, ssh, and those of the provider under its name'),
  files: filesShape.default({}).describe('Contents of the files that the settings name, by the path as it is written'),
  change: z.boolean().default(false).describe('A machine that is there with other settings is changed'),
  accept: acceptShape,
}

export const machineWishShape = z.strictObject(wish).readonly()
export type MachineWish = z.infer<typeof machineWishShape>

export const startMachineShape = z
  .strictObject({
    ...wish,
    approve: z
      .string()
      .regex(/^[0-9a-f]{8,64}$/, 'a plan hash, or its first 8 characters at least')
      .nullable()
      .describe('Hash of the plan that was seen; null takes the plan as it is'),
  })
  .readonly()
export type StartMachine = z.infer<typeof startMachineShape>

/** What is not as it should be with machines, as far as record and providers tell. */
export const machineCheckShape = z
  .object({
    unattended: z
      .array(
        z
          .object({
            machine: z.string(),
            status: z.enum(machineStatuses),
            run: runShape.unwrap().pick({ id: true, status: true, pending_hash: true }).readonly().nullable(),
          })
          .readonly(),
      )
      .readonly()
      .describe('Machines in the middle of something that nobody executes'),
    unanswered: z
      .array(z.object({ machine: z.string(), address: z.string(), reason: z.string(), remedy: z.string() }).readonly())
      .readonly()
      .describe('Machines that are whole on record and do not answer as they should'),
    states: z
      .array(z.object({ machine: z.string(), resources: z.array(z.string()).readonly().nullable() }).readonly())
      .readonly()
      .describe('Terraform states of machines that are not on record, with what they manage; null: it cannot be read'),
    remains: z
      .array(
        z
          .object({
            provider: z.string(),
            uid: z.string(),
            what: z.string(),
            machine: z.string().nullable().describe('Whose mark it has; null: no machine that this database ever had'),
            on_record: z.boolean(),
          })
          .readonly(),
      )
      .readonly()
      .describe('What is at a provider and in no state'),
    unasked: z
      .array(z.object({ provider: z.string(), reason: z.string(), remedy: z.string() }).readonly())
      .readonly()
      .describe('Providers that could not be asked'),
    workspaces: z
      .array(z.object({ backend: z.string(), workspace: z.string() }).readonly())
      .readonly()
      .describe(
        'Workspaces of this installation in the backend for Terraform states, of machines that are not on record',
      ),
    backend_unasked: z
      .object({ reason: z.string(), remedy: z.string() })
      .readonly()
      .nullable()
      .describe('Why the backend for Terraform states could not be asked; null: it was, or there is none'),
  })
  .readonly()
export type MachineCheck = z.infer<typeof machineCheckShape>

export const unlockShape = z
  .strictObject({
    lock: z
      .string()
      .regex(/^[\w.:/-]{1,200}$/, 'the ID of a lock')
      .describe('ID of the lock, as the error tells it'),
  })
  .readonly()

export const unlockedShape = z.object({ backend: z.string(), workspace: z.string() }).readonly()

export const machineParams = z.object({ machine: machineName })
