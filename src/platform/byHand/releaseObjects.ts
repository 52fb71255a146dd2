import type { StageContext } from '../../engine/contract/stage.ts'
import { whereKnown } from '../../kubernetes/apiErrors.ts'
import type { ManifestObject } from '../../helm/manifest.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { labelSelector } from '../../kubernetes/labels.ts'
import type { LooseObject } from '../../kubernetes/looseObject.ts'
import { type ManagedObject, managedResource } from '../../kubernetes/managed.ts'
import { apiVersionOf, type Place, placeName, type Resource } from '../../kubernetes/resource.ts'
import { groupOf } from '../removal/leaving.ts'

/** An object that a manifest names, and what there is of it. */
export interface ReleaseObject {
  /** `Deployment apps/web` */
  readonly title: string
  readonly wanted: ManifestObject
  readonly place: Place
  /** Null: the API does not know its kind. */
  readonly resource: Resource<ManagedObject> | null
  /** Null: it is not there, or not in the version that is wanted. Of a definition it is not read. */
  readonly live: ManagedObject | null
  readonly isThere: boolean
}

const versionOf = ({ apiVersion }: ManifestObject): string => apiVersion.slice(apiVersion.indexOf('/') + 1)

/** Helm marks all that it makes. */
const ofHelm = labelSelector({ 'app.kubernetes.io/managed-by': 'Helm' })

const definitionKind = 'CustomResourceDefinition'

/**
 * What there is of the objects of a release. Those of a kind and namespace are asked for at once, and the kinds that
 * every API has once for all releases.
 */
export async function seeReleaseObjects(
  client: Pick<ClusterClient, 'get' | 'snapshot' | 'kinds'>,
  objects: readonly ManifestObject[],
  namespace: string,
  context: Pick<StageContext, 'signal' | 'observations'>,
): Promise<readonly ReleaseObject[]> {
  const { signal, observations } = context
  const kindsOf = (group: string) =>
    builtIn.has(group)
      ? observations.read(`platform/kinds/${group}`, () => client.kinds(group, { signal }))
      : client.kinds(group, { signal })
  const groups = [...new Set(objects.map(groupOf))]
  const kinds = new Map(await Promise.all(groups.map(async group => [group, await kindsOf(group)] as const)))

  const placed = objects.map(wanted => {
    const kind = kinds.get(groupOf(wanted))?.find(one => one.kind === wanted.kind)
    const resource = kind ? managedResource({ ...kind, version: versionOf(wanted) }) : null
    const own = wanted.namespace ?? namespace
    const place = { name: wanted.name, ...(resource?.namespaced !== false && { namespace: own }) }
    return { wanted, kind, resource, place, title: `${wanted.kind} ${placeName(place)}` }
  })
  const alike = Map.groupBy(placed, ({ resource, place }) =>
    resource === null ? '' : `${apiVersionOf(resource)}/${resource.kind}/${place.namespace ?? ''}`,
  )
  const seen = [...alike.values()].map(async (some): Promise<ReleaseObject[]> => {
    const [
      {
        resource,
        place: { namespace: within },
      } = { resource: null, place: {} },
    ] = some
    if (resource === null) return some.map(one => ({ ...one, live: null, isThere: false }))
    if (resource.kind === definitionKind) return Promise.all(some.map(one => seeDefinition(client, one, signal)))
    const query = { namespace: within, labelSelector: ofHelm }
    const together = some.length > 1 ? await whereKnown(client.snapshot(resource, query, { signal })) : null
    const listed = new Map((together?.items ?? []).map(object => [object.metadata.name, object]))
    return Promise.all(
      some.map(async one => {
        const live = listed.get(one.place.name) ?? (await whereKnown(client.get(resource, one.place, { signal })))
        return { ...one, live, isThere: live !== null || (await isThereElse(client, one, signal)) }
      }),
    )
  })
  return (await Promise.all(seen)).flat()
}

/** The API may serve no more the version in which it was made. */
async function isThereElse(
  client: Pick<ClusterClient, 'get'>,
  {
    kind,
    resource,
    place,
  }: Pick<ReleaseObject, 'resource' | 'place'> & { readonly kind: Resource<LooseObject> | undefined },
  signal: AbortSignal,
): Promise<boolean> {
  if (!kind || kind.version === resource?.version) return false
  return (await client.get(kind, place, { signal })) !== null
}

/** Whether its kind is served says as much, and is no megabyte. */
async function seeDefinition(
  client: Pick<ClusterClient, 'kinds'>,
  one: Omit<ReleaseObject, 'live' | 'isThere'>,
  signal: AbortSignal,
): Promise<ReleaseObject> {
  const { name } = one.wanted
  const [plural, group] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)]
  const served: readonly Resource<LooseObject>[] = await client.kinds(group, { signal })
  return { ...one, live: null, isThere: served.some(kind => kind.plural === plural) }
}

/** Groups in which no definition makes kinds. */
const builtIn: ReadonlySet<string> = new Set([
  '',
  'apps',
  'batch',
  'autoscaling',
  'policy',
  'rbac.authorization.k8s.io',
  'networking.k8s.io',
  'storage.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
])

/** Pure. */
export const isBuiltIn = (group: string): boolean => builtIn.has(group)
