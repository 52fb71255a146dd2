import { SlipwayError } from '../../domain/errors.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient, SentObject } from '../../kubernetes/client.ts'
import type { LooseObject } from '../../kubernetes/looseObject.ts'
import { type Resource, titleOf } from '../../kubernetes/resource.ts'
import { namespaces } from '../../kubernetes/resources.ts'
import type { WantedObject } from '../contract.ts'
import { isKnown } from './isKnown.ts'

/** What there is of objects that are wanted. */
export interface Seen {
  /** Whether their namespace is there. */
  readonly namespace: boolean
  readonly objects: readonly SeenObject[]
  /** Kinds that the API does not know, as `PostgresCluster (postgres-operator.crunchydata.com/v1beta1)`. */
  readonly missingKinds: readonly string[]
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

/** By this label an object is known as ours. */
export const ownerLabel = (installation: string): Readonly<Record<string, string>> => ({
  'slipway/installation': installation,
})

export const labelled = (object: SentObject, label: Readonly<Record<string, string>>): SentObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...(object.metadata['labels'] as object | undefined), ...label } },
})

/** Looks at the objects, and asks the API what an apply would make of each; nothing is changed. */
export async function seeObjects(
  client: Pick<ClusterClient, 'get' | 'apply'>,
  namespace: string,
  wanted: readonly WantedObject[],
  label: Readonly<Record<string, string>>,
  { signal }: Call,
): Promise<Seen> {
  const missing = await missingKinds(client, wanted, { signal })
  const place = await client.get(namespaces, { name: namespace }, { signal })
  let refused: SlipwayError | null = null
  const see = async (one: WantedObject): Promise<SeenObject> => {
    const { resource, object } = one
    const title = titleOf(resource, object.metadata)
    if (missing.has(kindOf(resource))) return { title, wanted: one, live: null, applied: null }
    const live = await client.get(resource, object.metadata, { signal })
    if (live && !isOwn(live, label)) return { title, wanted: one, live, applied: null }
    if (!place && resource.namespaced) return { title, wanted: one, live, applied: null }
    try {
      const applied = await client.apply(resource, labelled(object, label), { signal, force: true, dryRun: true })
      return { title, wanted: one, live, applied }
    } catch (error) {
      if (!isRefusal(error)) throw error
      refused ??= error
      return { title, wanted: one, live, applied: null }
    }
  }
  const objects = await Promise.all(wanted.map(see))
  return {
    namespace: place !== null,
    objects,
    missingKinds: [...missing],
    ofOthers: objects.flatMap(({ title, live }) => (live && !isOwn(live, label) ? [title] : [])),
    refused,
  }
}

const isRefusal = (error: unknown): error is SlipwayError =>
  error instanceof SlipwayError && ['api-refused', 'api-forbidden', 'api-conflict'].includes(error.code)

const isOwn = ({ metadata: { labels = {} } }: LooseObject, label: Readonly<Record<string, string>>): boolean =>
  Object.entries(label).every(([key, value]) => labels[key] === value)

const kindOf = ({ kind, group, version }: Resource): string => `${kind} (${group}/${version})`

async function missingKinds(
  client: Pick<ClusterClient, 'get'>,
  wanted: readonly WantedObject[],
  call: Call,
): Promise<Set<string>> {
  const defined = new Map(wanted.map(({ resource }) => [kindOf(resource), resource] as const))
  const missing = new Set<string>()
  for (const [kind, resource] of defined) if (!(await isKnown(client, resource, call))) missing.add(kind)
  return missing
}
