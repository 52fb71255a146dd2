import { isMap, isScalar, type ParsedNode } from 'yaml'
import { z } from 'zod'
import { allFindings, findingAt, openDocument } from '../domain/clusterFile/clusterFile.ts'
import type { Refusal } from '../domain/clusterFile/decode.ts'
import type { Finding } from '../domain/errors.ts'
import { machineName } from '../domain/machine.ts'
import { laidOver } from './laidOver.ts'

/** Machines of a file, each with what it sets laid over what all have in common. */
export interface MachinesFile {
  readonly defaults: Readonly<Record<string, unknown>>
  readonly machines: readonly { readonly name: string; readonly spec: Readonly<Record<string, unknown>> }[]
}

export type MachinesFileReading =
  | { readonly ok: true; readonly file: MachinesFile }
  | { readonly ok: false; readonly findings: readonly Finding[] }

const fileShape = z.strictObject({
  apiVersion: z.literal('slipway/v1'),
  kind: z.literal('Machines'),
  spec: z.looseObject({
    machines: z
      .array(z.looseObject({ name: machineName }))
      .min(1)
      .max(1000)
      .refine(all => new Set(all.map(({ name }) => name)).size === all.length, 'two machines have the same name'),
  }),
})

/** Bytes to machines, or what is wrong with the file. Their settings are judged by `readMachineSpec`. Pure. */
export function readMachinesFile(bytes: Uint8Array, name: string): MachinesFileReading {
  const opened = openDocument(bytes, name, { foreign: otherThanMachines, whenEmpty: howTo })
  if (!opened.ok) return opened
  const { tree, at, refusals } = opened
  const parsed = fileShape.safeParse(tree.value)
  const found = (parsed.error?.issues ?? []).map(issue => {
    const path = issue.path.map(part => (typeof part === 'symbol' ? String(part) : part))
    return findingAt({ name: 'machine-invalid', message: issue.message, remedy: howTo }, at(path), 'error')
  })
  const findings = allFindings(refusals, found)
  if (!parsed.success || findings.length > 0) return { ok: false, findings }
  const { machines, ...defaults } = parsed.data.spec
  return {
    ok: true,
    file: {
      defaults,
      machines: machines.map(({ name: machine, ...own }) => ({ name: machine, spec: laidOver(defaults, own) })),
    },
  }
}

const howTo =
  'Write apiVersion: slipway/v1, kind: Machines, and below spec what all have in common and the list machines.'

function otherThanMachines(root: ParsedNode): Refusal | null {
  const refusal = (message: string): Refusal => ({ name: 'machine-invalid', offset: 0, message, remedy: howTo })
  if (!isMap(root)) return refusal('this is no map of keys: apiVersion, kind, spec')
  const kind = root.items.find(({ key }) => isScalar(key) && key.value === 'kind')?.value
  const said = isScalar(kind) ? kind.value : undefined
  return said === 'Machines'
    ? null
    : refusal(`this is ${said === undefined ? 'no file of machines' : `a file of kind ${String(said)}`}`)
}
