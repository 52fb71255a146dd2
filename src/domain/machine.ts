import { SlipwayError } from './errors.ts'
import { clusterName } from './names.ts'
import type { Subject } from './subject.ts'

/** A host that Slipway makes or was given, before and apart from being a node. */

/** Names that Ansible, or an inventory of machines, gives a meaning of their own. */
const reserved = new Set(['all', 'ungrouped', 'localhost', 'vms', 'inventory'])

/** Its hostname, and what it is called at its provider, in inventories and in names of files. */
export const machineName = clusterName.refine(
  name => !reserved.has(name),
  'this name has a meaning of its own in inventories',
)

/** @throws SlipwayError `usage`. */
export function readMachineName(text: string): string {
  const parsed = machineName.safeParse(text)
  if (parsed.success) return parsed.data
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  throw new SlipwayError(
    'usage',
    `${JSON.stringify(shown)} is no name of a machine: ${parsed.error.issues[0]?.message}`,
  )
}

/**
 * `pending`: on record, nothing was done. `creating`, `destroying`: a run is at it, or was when it ended. `failed`: what was
 * made of it is on record, and can be gone on with or destroyed. `active`: it has answered.
 */
export const machineStatuses = ['pending', 'creating', 'active', 'failed', 'destroying'] as const
export type MachineStatus = (typeof machineStatuses)[number]

export const machineSubject = (name: string): Subject => ({ kind: 'machine', name })

/** Who has an address on record. */
export interface AddressHolder {
  /** A node on a machine counts as that machine. */
  readonly kind: 'machine' | 'node'
  /** For people: `machine w1`. */
  readonly what: string
}

/** Where the Terraform state of a machine is, when that is not the database. */
export interface StatePlace {
  /** Fingerprint of the backend. */
  readonly backend: string
  /** The backend for people, without secrets. */
  readonly title: string
  readonly workspace: string
  /** The backend has not got it yet, or did not take it: what counts is on record. */
  readonly unwritten: boolean
  /** Addresses of what was being made: their making may not have come to its end. */
  readonly making: readonly string[]
  /** When a command whose end is not known may have taken the lock of the state, and as whom. */
  readonly lock: { readonly who: string; readonly since: string } | null
}
