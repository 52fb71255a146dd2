import { z } from 'zod'
import type { SshSettings } from '../domain/cluster.ts'
import type { KeyFile } from '../domain/clusterFile/keyFiles.ts'
import type { Path } from '../domain/clusterFile/plainTree.ts'
import { machineOfToken } from '../domain/machineToken.ts'
import { fault, type RuleFinding } from '../domain/ruleFinding.ts'
import { laidOver } from './laidOver.ts'
import { hostProviders } from './providers.ts'
import { commonFields, readMachineSpec, type SpecReading } from './spec.ts'

/** Machines that a cluster file asks for: their settings stand in it, and how they are reached is that of its nodes. */

const { ssh: _ssh, ...sizes } = commonFields
const one = {
  provider: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('Who makes them: libvirt, digitalocean, or a provider of your own; see machines.md'),
  ...sizes,
}

/** Below `spec.machines`; the settings of the provider stand under its name. */
export const machinesShape = z.looseObject(one)
/** Below `machine` of a node: what this one has otherwise. */
export const nodeMachineShape = z.looseObject(one)

interface OfMachines {
  readonly machines?: unknown
  readonly ssh?: SshSettings | undefined
  readonly nodes: readonly {
    readonly internal_ip?: string | undefined
    readonly ssh?: SshSettings | undefined
    readonly machine?: unknown
  }[]
}

/** A machine that a node is on, with its settings as far as the file says them. */
export interface ClusterMachine {
  readonly name: string
  /** Index among the nodes of the file. */
  readonly index: number
  /** Null: the file says nothing of it, so it has to be on record. */
  readonly reading: SpecReading | null
}

/** The machines that a desired state asks for, in the order of its nodes. Pure. */
export function machinesOf(spec: OfMachines): readonly ClusterMachine[] {
  return spec.nodes.flatMap((node, index) => {
    const name = machineOfToken(node.internal_ip ?? '')
    if (name === null) return []
    const said = spec.machines !== undefined || node.machine !== undefined
    return [{ name, index, reading: said ? readMachineSpec(settingsOf(spec, node), hostProviders) : null }]
  })
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  z.record(z.string(), z.unknown()).safeParse(value).data ?? {}

function settingsOf(spec: OfMachines, node: OfMachines['nodes'][number]): Readonly<Record<string, unknown>> {
  const ssh = { ...spec.ssh, ...node.ssh }
  return {
    ...laidOver(asRecord(spec.machines), asRecord(node.machine)),
    ...(Object.keys(ssh).length > 0 && { ssh }),
  }
}

/** What is wrong with the machines of a file, each at the place where it is written. Pure. */
export function checkMachines(spec: OfMachines): RuleFinding[] {
  const named = new Map<string, number>()
  return machinesOf(spec).flatMap(({ name, index, reading }) => {
    const before = named.get(name)
    named.set(name, index)
    const twice =
      before === undefined
        ? []
        : [
            fault(
              'machine-invalid',
              ['nodes', index, 'internal_ip'],
              `machine ${name} is another node’s already`,
              'Give each node a machine of its own.',
            ),
          ]
    if (reading === null || reading.ok) return twice
    return [
      ...twice,
      ...reading.faults.map(({ path, message, remedy }) => {
        const place = path.split('.')[0] === 'ssh' ? ['nodes', index] : placeOf(spec, index, path)
        return fault('machine-invalid', place, `machine ${name}: ${message}`, remedy)
      }),
    ]
  })
}

/** Where a setting of a node's machine is written: with the node, or with those that all have in common. */
function placeOf(spec: OfMachines, index: number, path: string): Path {
  const parts = path === '' ? [] : path.split('.')
  const isOwn = spec.machines === undefined || (parts[0] ?? '') in asRecord(spec.nodes[index]?.machine)
  return isOwn ? ['nodes', index, 'machine', ...parts] : ['machines', ...parts]
}

/** The files that the machines of a spec name, but for those of SSH. */
export function machineFiles(spec: OfMachines): KeyFile[] {
  return machinesOf(spec).flatMap(({ index, reading }) =>
    reading?.ok
      ? reading.files
          .filter(({ path }) => !path.startsWith('ssh.'))
          .map(({ file, kind, path }) => ({
            file,
            kind,
            path: ['spec', ...placeOf(spec, index, path)],
          }))
      : [],
  )
}
