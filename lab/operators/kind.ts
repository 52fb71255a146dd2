import type { Installed } from './installed.ts'
import type { LabObject, Sent } from './objects.ts'

/** A kind of custom resources, and what its operator does with one. */
export interface CustomKind {
  readonly kind: string
  readonly plural: string
  readonly group: string
  readonly version: string
  /** Held by the operator, so that a deletion waits for it. */
  readonly finalizer?: string
  /** The status with which its operator begins; undefined when it says nothing then. */
  begun(resource: LabObject, work: Work): object | undefined
  /** Makes what it consists of. @throws Refused when what is asked for can't be. */
  create(resource: LabObject, work: Work): Promise<void>
  /** What its operator says of what there is; undefined when it never says anything. */
  observed(resource: LabObject, work: Work): object | undefined
  /** What its operator would say if all of it were there and well. */
  ready(resource: LabObject, work: Work): object | undefined
  /** What it says when it has failed; undefined when only an event does. */
  failed(resource: LabObject, reason: string, work: Work): object | undefined
  /** The same status, as one of the generation before. */
  stale?(status: object, generation: number): object
  /** Whether a status says that all is well with the spec as it is now. */
  isReady(resource: LabObject): boolean
}

/** Kinds of which all objects are known. */
export type Watched = 'Pod' | 'StatefulSet' | 'Deployment' | 'PersistentVolumeClaim'

/** What a kind has at hand for one resource. */
export interface Work {
  readonly operator: Installed
  /** Those of its namespace. */
  list(kind: Watched): readonly LabObject[]
  get(kind: string, name: string): Promise<LabObject | null>
  /** Of what is in no namespace. */
  exists(kind: string, name: string): Promise<boolean>
  /** Makes an object in the namespace of the resource, which owns it if `owned`: it goes with it then. */
  apply(object: Sent, owned?: boolean): Promise<void>
  merge(kind: string, name: string, fields: object): Promise<void>
  remove(kind: string, name: string): Promise<void>
  /** Writes into the spec of the resource itself. */
  amend(spec: object): Promise<void>
  readonly database: Database | undefined
}

/** A PostgreSQL that runs behind what stands for one. */
export interface Database {
  /** What the secrets of users name, instead of the Service of the cluster's primary. */
  readonly host?: string
  readonly port?: number
  /** Makes the user and its databases, before the secret says that there are. May be asked again for the same. */
  prepare?(user: DatabaseUser): Promise<void>
}

export interface DatabaseUser {
  readonly cluster: { readonly namespace: string; readonly name: string }
  readonly name: string
  readonly password: string
  readonly databases: readonly string[]
  /** As in `ALTER ROLE`. */
  readonly options: string
}

/** What an operator refuses, in its words. */
export class Refused extends Error {}

/** Something that is needed is not there yet. */
export class Missing extends Error {}

/** Where and under which name what is made for a resource goes. */
export const metaOf = (resource: LabObject, name: string, labels: Readonly<Record<string, string>>) => ({
  name,
  ...(resource.metadata.namespace !== undefined && { namespace: resource.metadata.namespace }),
  labels,
})
