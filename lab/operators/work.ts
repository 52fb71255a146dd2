import { type LabApi, objectPath } from './api.ts'
import type { Informer } from './informer.ts'
import type { Installed } from './installed.ts'
import type { CustomKind, Database, Watched, Work } from './kind.ts'
import { collectionPath, type LabObject, pathOf } from './objects.ts'

/** What the work on all resources shares. */
export interface Workplace {
  readonly api: LabApi
  readonly database: Database | undefined
  readonly informers: Readonly<Record<Watched, Informer>>
}

export const resourcePath = ({ group, version, plural }: CustomKind, { metadata: { namespace, name } }: LabObject) =>
  `${collectionPath(`${group}/${version}`, plural, namespace)}/${name}`

/**
 * What is at hand for one look at a resource. All of that look is of one moment: what has been made is in the lists at
 * once, and what others do comes with the next one.
 */
export function openWork(
  { api, database, informers }: Workplace,
  kind: CustomKind,
  resource: LabObject,
  operator: Installed,
): Work {
  const { namespace, name, uid } = resource.metadata
  const one = (of: string, named: string) => `${pathOf(of, namespace)}/${named}`
  const owner = { apiVersion: `${kind.group}/${kind.version}`, kind: kind.kind, name, uid }
  const ownerReferences = [{ ...owner, controller: true, blockOwnerDeletion: true }]
  const ofNamespace = (of: Watched) => informers[of].all().filter(({ metadata }) => metadata.namespace === namespace)
  const seen: Record<Watched, readonly LabObject[]> = {
    Pod: ofNamespace('Pod'),
    StatefulSet: ofNamespace('StatefulSet'),
    Deployment: ofNamespace('Deployment'),
    PersistentVolumeClaim: ofNamespace('PersistentVolumeClaim'),
  }
  const isSeen = (of: string): of is Watched => of in seen
  const without = (of: Watched, named: string) => seen[of].filter(({ metadata }) => metadata.name !== named)
  return {
    operator,
    database,
    list: of => seen[of],
    get: (of, named) => api.get(one(of, named)),
    exists: async (of, named) => (await api.get(`${pathOf(of)}/${named}`)) !== null,
    async apply(object, owned = true) {
      const metadata = { ...object.metadata, ...(owned && { ownerReferences }) }
      const made = await api.apply(objectPath(object), { ...object, metadata })
      if (isSeen(object.kind)) seen[object.kind] = [...without(object.kind, made.metadata.name), made]
    },
    merge: (of, named, fields) => api.merge(one(of, named), fields),
    async remove(of, named) {
      await api.remove(one(of, named))
      if (isSeen(of)) seen[of] = without(of, named)
    },
    amend: spec => api.merge(resourcePath(kind, resource), { spec }),
  }
}
