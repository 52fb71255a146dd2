import type { SlipwayError } from '../../domain/errors.ts'
import { isRefusal } from '../../kubernetes/apiErrors.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient, SentObject } from '../../kubernetes/client.ts'
import type { Labels } from '../../kubernetes/labels.ts'
import type { LooseObject } from '../../kubernetes/looseObject.ts'
import { apiVersionOf, type Resource, titleOf } from '../../kubernetes/resource.ts'
import { namespaces } from '../../kubernetes/resources.ts'
import type { WantedObject } from '../contract.ts'
import { isOwn } from '../ownLabels.ts'
import type { MissingKind } from './missingKind.ts'
import { servedInstead } from './servedInstead.ts'

/** What there is of objects that are wanted. */
export interface Seen {
  /** Those of their namespaces that are not there, and are not among the objects. */
  readonly missingNamespaces: readonly string[]
  /** Those that are being deleted: nothing can be made in them. */
  readonly terminating: readonly string[]
  readonly objects: readonly SeenObject[]
  readonly missingKinds: readonly MissingKind[]
  /** Titles of those that are there and are not ours. */
  readonly ofOthers: readonly string[]
  /** Why the API would not take them. */
  readonly refused: SlipwayError | null
}

export interface SeenObject {
  readonly title: string
  readonly wanted: WantedObject
  readonly live: LooseObject | null
  /** As the API would have it after an apply; null: that was not asked. */
  readonly applied: LooseObject | null
}

/** The object as it is sent: ours is marked, and one that others have as well is not. Pure. */
export const sentObject = ({ object, shared }: WantedObject, label: Labels): SentObject =>
  shared
    ? object
    : {
        ...object,
        metadata: { ...object.metadata, labels: { ...(object.metadata['labels'] as object | undefined), ...label } },
      }

/** Looks at the objects, and asks the API what an apply would make of each; nothing is changed. */
export async function seeObjects(
  client: Pick<ClusterClient, 'get' | 'apply'>,
  wanted: readonly WantedObject[],
  label: Labels,
  { signal }: Call,
): Promise<Seen> {
  const missing = await missingKinds(client, wanted, { signal })
  const places = await namespacesOf(client, wanted, { signal })
  let refused: SlipwayError | null = null
  const see = async (one: WantedObject): Promise<SeenObject> => {
    const { resource, object } = one
    const title = titleOf(resource, object.metadata)
    const unseen = { title, wanted: one, live: null, applied: null }
    if (missing.has(kindOf(resource)) || places.get(object.metadata.namespace ?? '') === 'missing') return unseen
    const live = await client.get(resource, object.metadata, { signal })
    if (live && !mayApply(one, live, label)) return { ...unseen, live }
    try {
      return {
        ...unseen,
        live,
        applied: await client.apply(resource, sentObject(one, label), { signal, force: true, dryRun: true }),
      }
    } catch (error) {
      if (!isRefusal(error)) throw error
      refused ??= error
      return { ...unseen, live }
    }
  }
  const objects = await Promise.all(wanted.map(see))
  const own = new Set(
    wanted.flatMap(({ resource, object }) => (resource.kind === 'Namespace' ? [object.metadata.name] : [])),
  )
  return {
    missingNamespaces: [...places].flatMap(([name, state]) => (state === 'missing' && !own.has(name) ? [name] : [])),
    terminating: [...places].flatMap(([name, state]) => (state === 'terminating' ? [name] : [])),
    objects,
    missingKinds: [...missing.values()],
    ofOthers: objects.flatMap(({ title, wanted: one, live }) => (live && !mayApply(one, live, label) ? [title] : [])),
    refused,
  }
}

/** What is shared is nobody's alone. */
const mayApply = ({ shared }: WantedObject, { metadata }: LooseObject, own: Labels): boolean =>
  shared === true || isOwn(metadata, own)

const kindOf = (resource: Resource): string => `${resource.kind} ${apiVersionOf(resource)}`

async function missingKinds(
  client: Pick<ClusterClient, 'get'>,
  wanted: readonly WantedObject[],
  call: Call,
): Promise<ReadonlyMap<string, MissingKind>> {
  const defined = new Map(wanted.map(({ resource }) => [kindOf(resource), resource] as const))
  const missing = new Map<string, MissingKind>()
  for (const [kind, resource] of defined) {
    const instead = await servedInstead(client, resource, call)
    if (instead) missing.set(kind, { kind: resource.kind, apiVersion: apiVersionOf(resource), instead })
  }
  return missing
}

type NamespaceState = 'there' | 'missing' | 'terminating'

/** Of all namespaces that the objects are in, or are. */
async function namespacesOf(
  client: Pick<ClusterClient, 'get'>,
  wanted: readonly WantedObject[],
  call: Call,
): Promise<ReadonlyMap<string, NamespaceState>> {
  const names = new Set(
    wanted.flatMap(({ resource, object: { metadata } }) =>
      resource.kind === 'Namespace' ? [metadata.name] : metadata.namespace === undefined ? [] : [metadata.namespace],
    ),
  )
  const state = async (name: string): Promise<readonly [string, NamespaceState]> => {
    const found = await client.get(namespaces, { name }, call)
    if (!found) return [name, 'missing']
    return [name, found.metadata.deletionTimestamp === undefined ? 'there' : 'terminating']
  }
  return new Map(await Promise.all([...names].map(state)))
}
