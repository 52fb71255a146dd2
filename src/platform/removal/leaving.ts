import type { NamedObject } from '../../helm/manifest.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import type { LooseObject } from '../../kubernetes/looseObject.ts'
import { type Resource, titleOf } from '../../kubernetes/resource.ts'

/** An object of a release that is there. */
export interface LiveObject<Of extends NamedObject = NamedObject> {
  /** As the release has it. */
  readonly of: Of
  /** `Deployment apps/web` */
  readonly title: string
  readonly resource: Resource<LooseObject>
  readonly live: LooseObject
  /** Helm leaves it where it is. */
  readonly kept: boolean
}

export const groupOf = ({ apiVersion }: { readonly apiVersion: string }): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''

/** What tells objects of manifests apart, whatever their version. */
const keyOf = (object: NamedObject, namespace: string): string =>
  [groupOf(object), object.kind, object.namespace ?? namespace, object.name].join('/')

/** Those objects that only the first ones have. Pure. @param namespace of the release. */
export function without<Of extends NamedObject>(
  objects: readonly Of[],
  others: readonly NamedObject[],
  namespace: string,
): Of[] {
  const known = new Set(others.map(object => keyOf(object, namespace)))
  return objects.filter(object => !known.has(keyOf(object, namespace)))
}

/** Those of them that the cluster has; what is of a kind that it does not know is not there. */
export const liveObjects = async <Of extends NamedObject>(
  client: Pick<ClusterClient, 'get' | 'kinds'>,
  objects: readonly Of[],
  namespace: string,
  call: Call,
): Promise<LiveObject<Of>[]> =>
  liveOf(client, objects, { namespace, kindOf: await kindsOf(client, objects, call) }, call)

interface Where {
  /** Of the release. */
  readonly namespace: string
  readonly kindOf: KindOf
}
type KindOf = (object: Pick<NamedObject, 'apiVersion' | 'kind'>) => Resource<LooseObject> | undefined

/** The same of kinds that are known. */
export async function liveOf<Of extends NamedObject>(
  client: Pick<ClusterClient, 'get'>,
  objects: readonly Of[],
  { namespace, kindOf }: Where,
  call: Call,
): Promise<LiveObject<Of>[]> {
  const found = objects.map(async (object): Promise<LiveObject<Of>[]> => {
    const resource = kindOf(object)
    if (!resource) return []
    const place = { name: object.name, ...(resource.namespaced && { namespace: object.namespace ?? namespace }) }
    const live = await client.get(resource, place, call)
    return live ? [{ title: titleOf(resource, place), resource, live, kept: object.kept, of: object }] : []
  })
  return (await Promise.all(found)).flat()
}

/** How the API serves the kinds of these objects, in the version that it prefers; undefined: it does not. */
export async function kindsOf(
  client: Pick<ClusterClient, 'kinds'>,
  objects: readonly Pick<NamedObject, 'apiVersion'>[],
  call: Call,
): Promise<KindOf> {
  const groups = [...new Set(objects.map(groupOf))]
  const kinds = new Map(await Promise.all(groups.map(async group => [group, await client.kinds(group, call)] as const)))
  return object => kinds.get(groupOf(object))?.find(({ kind }) => kind === object.kind)
}
