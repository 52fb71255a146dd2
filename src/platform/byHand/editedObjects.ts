import { helmOwner, isSameRelease, type ReleasePlace } from '../../helm/owner.ts'
import { conflictsOf, type FieldConflict, isRefusal } from '../../kubernetes/apiErrors.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient, SentObject } from '../../kubernetes/client.ts'
import { partOf } from '../../kubernetes/looseObject.ts'
import type { ManagedObject } from '../../kubernetes/managed.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import { valueChanges, type ValueChange } from '../charts/valueChanges.ts'
import { partsOf } from '../objects/objectChanges.ts'
import { isAutoscaled } from './autoscalers.ts'
import { configurationOf, mayLack } from './configuration.ts'
import { fieldPathIn, withoutField } from './fieldPath.ts'
import { isByHand, isHelm, isTool, mayBeByHand } from './managers.ts'
import { isBuiltIn, type ReleaseObject } from './releaseObjects.ts'

/** An object of a release that somebody has changed. */
export interface EditedObject {
  /** `Deployment apps/web` */
  readonly title: string
  readonly resource: Resource<ManagedObject>
  /** As it is to be, without the fields that are left to their managers. */
  readonly object: SentObject
  /** In whose name Helm applies. */
  readonly manager: string
  /** By which tools; empty: nobody knows, as of a field that is gone. */
  readonly by: readonly string[]
  /** From what it is to what the release says. */
  readonly changes: readonly ValueChange[]
  /** How many it is to have, of a workload that somebody has scaled to 0. */
  readonly pods: number | null
}

type Client = Pick<ClusterClient, 'apply' | 'snapshot'>

/** What is done once, is somebody else's to clean up, or is compared as a definition. */
const leftAlone: ReadonlySet<string> = new Set(['Job', 'Pod', 'CustomResourceDefinition'])
const scalable: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet'])

/**
 * Which objects are not as their release says because somebody has changed them: the API is asked what an apply by Helm
 * would make of those that somebody else may have touched, so that what it writes in another way is no difference. Fields
 * that operators and autoscalers keep are left to them, and what the API would not take as an apply is not compared.
 */
export async function editedObjects(
  client: Client,
  objects: readonly ReleaseObject[],
  release: ReleasePlace,
  call: Call,
): Promise<readonly EditedObject[]> {
  const edited = objects.map(async one => {
    const { live, resource } = one
    if (!live || !resource || leftAlone.has(resource.kind) || isLeaving(live) || isOfOthers(one, release)) return null
    const configuration = configurationOf(one, release)
    return mayBeEdited(one, live, configuration)
      ? editOf(client, { ...one, live, resource }, configuration, call)
      : null
  })
  return (await Promise.all(edited)).filter(one => one !== null)
}

const isLeaving = ({ metadata }: ManagedObject): boolean => metadata.deletionTimestamp !== undefined

/** Whether an object is there that is not the one of the release: Helm refuses it, and nobody else may change it. Pure. */
export const isOfOthers = ({ live }: ReleaseObject, release: ReleasePlace): boolean =>
  live !== null && !isSameRelease(helmOwner(live), release)

function mayBeEdited(one: ReleaseObject, live: ManagedObject, configuration: SentObject): boolean {
  const { resource } = one
  const group = resource?.group ?? ''
  const managers = (live.metadata.managedFields ?? []).filter(({ subresource }) => subresource !== 'status')
  return (
    managers.some(({ manager = '' }) => mayBeByHand(manager, group)) ||
    isScaled(one, live, configuration) ||
    // What an operator takes out of its own objects, it may have used up.
    (isBuiltIn(group) && mayLack(configuration, live))
  )
}

const replicasField = '.spec.replicas'
const replicasOf = (object: unknown): number => Number(partOf(object, 'spec', 'replicas') ?? 1)

/** Whether it has another number of pods than it is to have; a chart that says none, or says nothing, leaves that to others. */
function isScaled({ wanted: { kind } }: ReleaseObject, live: unknown, wanted: unknown): boolean {
  if (!scalable.has(kind) || replicasOf(wanted) === 0) return false
  const said = partOf(wanted, 'spec', 'replicas')
  return said === undefined ? replicasOf(live) === 0 : replicasOf(live) !== said
}

type Present = ReleaseObject & { readonly live: ManagedObject; readonly resource: Resource<ManagedObject> }

async function editOf(
  client: Client,
  one: Present,
  configuration: SentObject,
  call: Call,
): Promise<EditedObject | null> {
  const { live, resource, title } = one
  const isOther = isScaled(one, live, configuration)
  const wanted = isOther ? withReplicas(configuration, replicasOf(configuration)) : configuration
  const helms = live.metadata.managedFields?.find(({ manager = '' }) => isHelm(manager))
  const manager = helms?.manager ?? 'helm'
  const dryRun = { ...call, manager, unknownFields: 'Ignore', dryRun: true } as const
  try {
    const { answer, conflicts: found } = await tryApply(client.apply(resource, wanted, dryRun))
    // Of whoever has scaled it the API does not always keep the name, and of a scaling to 0 never.
    if (isOther && !found.some(({ field }) => field === replicasField))
      found.push({ manager: '', subresource: null, field: replicasField })
    const judged = found.map(async conflict =>
      (await isToBePutBack(client, one, wanted, conflict, call)) ? null : conflict,
    )
    const left = (await Promise.all(judged)).filter(conflict => conflict !== null)
    const object = left.reduce<SentObject | null>((rest, { field }) => rest && without(rest, field), wanted)
    if (!object) return null
    const isWhole = left.length === 0 && answer !== null
    const applied = isWhole ? answer : await client.apply(resource, object, { ...dryRun, force: true })
    const changes = valueChanges(partsOf(live), partsOf(applied))
    if (changes.length === 0) return null
    const by = new Set(found.flatMap(conflict => (left.includes(conflict) ? [] : conflict.manager || [])))
    const isBack = isOther && replicasOf(live) === 0 && replicasOf(applied) > 0
    return {
      title,
      resource,
      object,
      manager,
      by: [...by].toSorted(),
      changes,
      pods: isBack ? replicasOf(applied) : null,
    }
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}

/** What an apply would make, or what stands against it. @throws SlipwayError as the API says. */
async function tryApply(
  applied: Promise<ManagedObject>,
): Promise<{ answer: ManagedObject | null; conflicts: FieldConflict[] }> {
  try {
    return { answer: await applied, conflicts: [] }
  } catch (error) {
    const conflicts = conflictsOf(error)
    if (conflicts) return { answer: null, conflicts: [...conflicts] }
    throw error
  }
}

const withReplicas = (object: SentObject, replicas: number): SentObject => ({
  ...object,
  spec: { ...(object['spec'] as object | undefined), replicas },
})

/** Null: the object has no such field. */
function without({ metadata, ...parts }: SentObject, field: string): SentObject | null {
  const path = fieldPathIn({ metadata, ...parts }, field)
  if (!path) return null
  const [first, ...rest] = path
  // It stays the object that it is.
  if (first === 'metadata') return { ...parts, metadata: { ...metadata, ...Object(withoutField(metadata, rest)) } }
  return { ...Object(withoutField(parts, path)), metadata }
}

async function isToBePutBack(
  client: Client,
  one: Present,
  wanted: SentObject,
  conflict: FieldConflict,
  call: Call,
): Promise<boolean> {
  const { live, resource, place } = one
  const { manager, subresource, field } = conflict
  if (!scalable.has(resource.kind) || field !== replicasField) {
    // What a chart leaves empty in a Secret is to be filled in.
    const path = fieldPathIn(wanted, field)
    const isBlank = resource.kind === 'Secret' && path !== null && partOf(wanted, ...path) === ''
    return isByHand(conflict, resource.group) && !isBlank
  }
  if (!isScaled(one, live, wanted)) return false
  if (await isAutoscaled(client, { namespace: place.namespace, name: place.name, kind: resource.kind }, call))
    return false
  if (subresource === 'scale' && !isTool(manager)) return false
  return replicasOf(live) === 0 || mayBeByHand(manager, resource.group)
}
