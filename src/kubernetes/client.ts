import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import type { ApiAccess } from './apiAccess.ts'
import { isMissing } from './apiErrors.ts'
import { type Call, openCaller, type Question } from './caller.ts'
import type { Way } from './connection.ts'
import { type Eviction, evictPod } from './evict.ts'
import { askKinds } from './kinds.ts'
import type { LooseObject } from './looseObject.ts'
import { type Query, queryText, readObject } from './objects.ts'
import { listObjects, type Snapshot, snapshotOf } from './pages.ts'
import { askReadiness, type Readiness } from './readiness.ts'
import { type Removal, removeObject } from './remove.ts'
import {
  type ApiObject,
  apiVersionOf,
  collectionPath,
  objectPath,
  type Place,
  type Resource,
  titleOf,
} from './resource.ts'
import { textsOf } from './textsOf.ts'
import { watchEvents, type WatchEvent, type WatchFrom } from './watchEvents.ts'

/** An object as it is sent; `apiVersion` and `kind` are those of its resource. */
export interface SentObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown }
  readonly [key: string]: unknown
}

export type Patch =
  | { readonly kind: 'merge'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'json'; readonly body: readonly Readonly<Record<string, unknown>>[] }

/**
 * The API of one cluster. Each call has a deadline and ends with its signal. Faults that pass are waited out within the
 * deadline where a call may be made twice: reads, applies, merge patches, and what names the uid it is about; a create,
 * or a JSON patch, is made once.
 * @throws SlipwayError, all of them: `api-unreachable`, `api-untrusted`, `api-unauthorized`, `api-forbidden`,
 * `api-conflict`, `api-refused`, `api-reply-invalid`.
 */
export interface ClusterClient {
  /** Null when there is none. */
  get<T extends ApiObject>(resource: Resource<T>, place: Place, call: Call): Promise<T | null>
  /** Each once, in pages, as `listObjects` says; the deadline is that of a page. */
  list<T extends ApiObject>(resource: Resource<T>, query: Query, call: Call): AsyncIterable<T>
  /** All of them at one moment. */
  snapshot<T extends ApiObject>(resource: Resource<T>, query: Query, call: Call): Promise<Snapshot<T>>
  /** One watch, until the server ends it; see `watchList`. */
  watch<T extends ApiObject>(
    resource: Resource<T>,
    query: Query,
    from: WatchFrom,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>
  create<T extends ApiObject>(resource: Resource<T>, object: SentObject, call: Call): Promise<T>
  /**
   * Makes the object have these fields, as their manager `slipway`; those that an earlier apply had and this one has
   * not are removed. `force` takes fields from whoever manages them; fields that its kind does not have are refused, or
   * ignored. `dryRun`: nothing is stored, and what would be is given back. `manager`: in whose name, where it is not
   * ours.
   * @throws SlipwayError `api-conflict` that names who manages which of them; `conflictsOf` has them one by one.
   */
  apply<T extends ApiObject>(
    resource: Resource<T>,
    object: SentObject,
    call: Call & {
      readonly force?: boolean
      readonly unknownFields?: 'Ignore'
      readonly dryRun?: boolean
      readonly manager?: string
    },
  ): Promise<T>
  patch<T extends ApiObject>(resource: Resource<T>, place: Place, patch: Patch, call: Call): Promise<T>
  /** False when it was gone already. It may live on for a while, until what holds it has let go. */
  remove(resource: Resource, place: Place, removal: Removal): Promise<boolean>
  /** Asks once that the pod of this uid be evicted. */
  evict(pod: Required<Place>, uid: string, call: Call): Promise<Eviction>
  /** What the API server says of itself; one try. */
  ready(call: Call): Promise<Readiness>
  /** The kinds that it serves in a group, which is empty for the core; none in one that it does not know. */
  kinds(group: string, call: Call): Promise<readonly Resource<LooseObject>[]>
  /** `v1.36.3` */
  version(call: Call): Promise<string>
  /** Ends its connections, and whatever is under way. */
  close(): Promise<void>
}

const manager = { fieldManager: 'slipway', fieldValidation: 'Strict' }
const patchTypes = { merge: 'application/merge-patch+json', json: 'application/json-patch+json' }

/** Connects when it is asked something. */
export async function openClusterClient(access: ApiAccess, way: Way = { kind: 'direct' }): Promise<ClusterClient> {
  const caller = await openCaller(access, way)

  const write = async <T extends ApiObject>(
    resource: Resource<T>,
    place: Place,
    question: Omit<Question, 'about'> & { readonly act: string },
    call: Call,
  ): Promise<T> => {
    const about = `${question.act} ${titleOf(resource, place)}`
    return readObject(resource, await caller.ask({ ...question, about }, call), about)
  }

  return {
    async get(resource, place, call) {
      const about = `get ${titleOf(resource, place)}`
      const question = { method: 'GET', path: objectPath(resource, place), about, repeatable: true } as const
      return orMissing(caller.ask(question, call).then(answer => readObject(resource, answer, about)))
    },
    list: (resource, query, call) => listObjects(caller, resource, query, call),
    snapshot: (resource, query, call) => snapshotOf(caller, resource, query, call),
    watch: (resource, query, from, signal) => watchEvents(caller, resource, query, from, signal),
    create: (resource, object, call) =>
      write(
        resource,
        object.metadata,
        {
          act: 'create',
          method: 'POST',
          path: `${collectionPath(resource, object.metadata.namespace)}${queryText(manager)}`,
          ...bodyOf(resource, object),
          repeatable: false,
        },
        call,
      ),
    apply: (
      resource,
      object,
      {
        force = false,
        unknownFields = 'Strict',
        dryRun = false,
        manager: fieldManager = manager.fieldManager,
        ...call
      },
    ) =>
      write(
        resource,
        object.metadata,
        {
          act: 'apply',
          method: 'PATCH',
          path: `${objectPath(resource, object.metadata)}${queryText({ fieldManager, fieldValidation: unknownFields, force, ...(dryRun && { dryRun: 'All' }) })}`,
          // JSON is YAML, too.
          type: 'application/apply-patch+yaml',
          ...bodyOf(resource, object),
          repeatable: true,
        },
        call,
      ),
    patch: (resource, place, { kind, body }, call) =>
      write(
        resource,
        place,
        {
          act: 'patch',
          method: 'PATCH',
          path: `${objectPath(resource, place)}${queryText(manager)}`,
          type: patchTypes[kind],
          body: JSON.stringify(body),
          secrets: secretsIn(resource, body),
          repeatable: kind === 'merge',
        },
        call,
      ),
    remove: (resource, place, removal) => removeObject(caller, resource, place, removal),
    evict: (pod, uid, call) => evictPod(caller, pod, uid, call),
    ready: call => askReadiness(caller, call),
    kinds: (group, call) => askKinds(caller, group, call),
    async version(call) {
      const about = 'ask for the version'
      const answer = versionShape.safeParse(
        await caller.ask({ method: 'GET', path: '/version', about, repeatable: true }, call),
      )
      if (!answer.success) throw new SlipwayError('api-reply-invalid', `${about}: the answer holds none`)
      return answer.data.gitVersion
    },
    close: () => caller.close(),
  }
}

const versionShape = z.object({ gitVersion: z.string() })

const bodyOf = (resource: Resource, object: SentObject) => ({
  body: JSON.stringify({ ...object, apiVersion: apiVersionOf(resource), kind: resource.kind }),
  secrets: secretsIn(resource, object),
})

/** The API quotes what it does not understand. */
const secretsIn = (resource: Resource, sent: unknown): readonly string[] =>
  resource.kind === 'Secret' ? textsOf(sent) : []

const orMissing = <T>(found: Promise<T>): Promise<T | null> =>
  found.catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
