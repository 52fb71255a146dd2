import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { type LooseObject, looseResource, partOf } from '../../kubernetes/looseObject.ts'
import { placeName, type Resource, titleOf } from '../../kubernetes/resource.ts'
import { workloads } from '../../kubernetes/workloads.ts'
import type { LiveObject } from './leaving.ts'

export const claims = looseResource({
  group: '',
  version: 'v1',
  plural: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
})
const statefulSets = looseResource(workloads.StatefulSet)

/** What keeps data or holds what does: with it the data is gone. */
const keepsData: ReadonlySet<string> = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'Namespace'])

export interface Volumes {
  /** `PersistentVolumeClaim db/data-db-0, which belongs to StatefulSet db/db` */
  readonly lost: readonly string[]
  /** Titles of claims of its StatefulSets that stay. */
  readonly staying: readonly string[]
}

/**
 * What becomes of the volumes when these objects go. Kubernetes takes with an object all that belongs to it, also over
 * a StatefulSet in between: an operator's volumes may be its custom resource's.
 */
export async function volumesOf(
  client: Pick<ClusterClient, 'snapshot'>,
  going: readonly LiveObject[],
  call: Call,
): Promise<Volumes> {
  const own = going.filter(({ resource }) => resource.group === '' && keepsData.has(resource.kind))
  const namespaces = [...new Set(going.flatMap(({ live }) => live.metadata.namespace ?? []))]
  const read = async (resource: Resource<LooseObject>) => {
    const found = namespaces.map(async namespace => (await client.snapshot(resource, { namespace }, call)).items)
    return (await Promise.all(found)).flat()
  }
  const [sets, claimed] = await Promise.all([read(statefulSets), read(claims)])
  const owners = new Map(going.map(({ live, title }) => [live.metadata.uid, title]))
  const isListed = new Set(own.map(({ live }) => live.metadata.uid))
  const goingSets = sets.filter(set => owners.has(set.metadata.uid) || ownerIn(owners, set) !== undefined)
  for (const set of goingSets) owners.set(set.metadata.uid, titleOf(statefulSets, set.metadata))
  const lost = own.map(({ title }) => title)
  const staying: string[] = []
  for (const claim of claimed) {
    if (isListed.has(claim.metadata.uid)) continue
    const title = titleOf(claims, claim.metadata)
    const owner = ownerIn(owners, claim)
    const set = goingSets.find(one => isClaimOf(one, claim))
    if (owner !== undefined) lost.push(`${title}, which belongs to ${owner}`)
    else if (set && deletesClaims(set))
      lost.push(`${title}, which StatefulSet ${placeName(set.metadata)} takes with it (whenDeleted: Delete)`)
    else if (set) staying.push(title)
  }
  return { lost, staying }
}

const ownerIn = (owners: ReadonlyMap<string, string>, { metadata }: LooseObject): string | undefined =>
  metadata.ownerReferences?.map(({ uid }) => owners.get(uid)).find(title => title !== undefined)

/** A claim of a template is called `<template>-<set>-<number>`. */
function isClaimOf(set: LooseObject, { metadata }: LooseObject): boolean {
  const templates = partOf(set, 'spec', 'volumeClaimTemplates')
  if (!Array.isArray(templates) || set.metadata.namespace !== metadata.namespace) return false
  return templates.some(template => {
    const prefix = `${String(partOf(template, 'metadata', 'name'))}-${set.metadata.name}-`
    return metadata.name.startsWith(prefix) && /^\d+$/.test(metadata.name.slice(prefix.length))
  })
}

const deletesClaims = (set: LooseObject): boolean =>
  partOf(set, 'spec', 'persistentVolumeClaimRetentionPolicy', 'whenDeleted') === 'Delete'
