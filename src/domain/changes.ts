import type { MachineStatus, StatePlace } from './machine.ts'
import type { InstallationStage, Leaving, NodeEvent } from './lifecycle.ts'

/**
 * What a stage may record about the desired and the real world, besides its own events. The store applies these in
 * the same transaction as the event that caused them, under the fence. An event whose target status a node has
 * already changes nothing (a resumed stage says `install` again).
 */
export type DomainChange =
  | {
      readonly type: 'node'
      readonly hostname: string
      readonly event: NodeEvent
      readonly error?: string
      readonly installed_version?: string
    }
  /** What its member of etcd is called, before there is one; it keeps that name. */
  | { readonly type: 'etcd-member'; readonly hostname: string; readonly name: string }
  /** Seen as a working member with nothing left to do: pending, installing or failed, it becomes active. */
  | { readonly type: 'node-works'; readonly hostname: string; readonly installed_version: string }
  /** Left out of what was done to the others; it stays behind until it is ready or seen to work. */
  | { readonly type: 'node-behind'; readonly hostname: string; readonly reason: string }
  /** It takes pods again: draining, it becomes active; otherwise it stays as it is. */
  | { readonly type: 'node-uncordoned'; readonly hostname: string }
  /** It leaves the cluster, whatever it is on record: also one that never became a member. */
  | { readonly type: 'node-leaves'; readonly hostname: string; readonly leaving: Leaving; readonly error?: string }
  | { readonly type: 'installation-stage'; readonly stage: InstallationStage }
  | { readonly type: 'bootstrap-claim'; readonly machine_id: string }
  | { readonly type: 'bootstrap-joiner-started' }
  | { readonly type: 'bootstrap-done'; readonly ca_hash: string; readonly etcd_cluster: string }
  /** Seen on the recorded CA's own servers: not known until now, or another one since a snapshot was restored. */
  | { readonly type: 'etcd-cluster'; readonly id: string }
  /** Seen on all servers of the recorded etcd, since its CA was rotated. */
  | { readonly type: 'cluster-authority'; readonly ca_hash: string }
  /** `value` is sealed by the store's caller, never clear text. */
  | { readonly type: 'cluster-secret'; readonly name: 'kubeconfig' | 'token' | 'agent_token'; readonly value: string }
  /** Nothing is left of it: the cluster goes off the record with its nodes, secrets and host keys. Its runs stay. */
  | { readonly type: 'cluster-removed' }
  /** `error`: why it is `failed`. */
  | {
      readonly type: 'machine-status'
      readonly machine: string
      readonly status: MachineStatus
      readonly error?: string
    }
  /** Where it is reached; the first is the one that others reach it at. */
  | {
      readonly type: 'machine-addresses'
      readonly machine: string
      readonly addresses: readonly string[]
      /** At which other nodes reach it; null: at the first of them. */
      readonly internal: string | null
    }
  /** `value` is sealed by the store's caller, never clear text. */
  | {
      readonly type: 'machine-state'
      readonly machine: string
      readonly value: string
      readonly serial: number
      readonly lineage: string
    }
  /** Null: its state is in the database, or there is none. */
  | { readonly type: 'machine-state-place'; readonly machine: string; readonly place: StatePlace | null }
  /** It is about to be made anew: the host key and the addresses of the one before are nobody's any more. */
  | { readonly type: 'machine-made-anew'; readonly machine: string }
  /** Nothing is left of it: it goes off the record with its state and its host keys. Its runs stay. */
  | { readonly type: 'machine-removed'; readonly machine: string }
