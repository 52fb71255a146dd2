import { type Labels, labelSelector } from '../kubernetes/labels.ts'
import type { LooseObject } from '../kubernetes/looseObject.ts'
import { queryOfOne } from '../kubernetes/objects.ts'
import { looseResource, partOf } from '../kubernetes/looseObject.ts'
import { type Place, type Resource, titleOf } from '../kubernetes/resource.ts'
import { pods, secrets } from '../kubernetes/resources.ts'
import type { Condition } from './contract.ts'

/** Conditions that components wait for. All pure. */

/** One object that is to be there, and as `missing` says. */
export const ofOne = (
  resource: Resource<LooseObject>,
  place: Place,
  missing: (object: LooseObject) => string | null,
): Condition => ({
  title: titleOf(resource, place),
  resource,
  query: queryOfOne(place),
  missing(objects) {
    const object = objects.at(-1)
    if (!object) return 'it is not there'
    return object.metadata.deletionTimestamp === undefined ? missing(object) : 'it is being deleted'
  },
})

/** That an object is gone; another one of the name is not waited for. */
export const goneCondition = ({ title, resource, live: { metadata } }: Seen): Condition => ({
  title,
  resource,
  query: queryOfOne(metadata),
  missing(objects) {
    const left = objects.find(one => one.metadata.uid === metadata.uid)
    if (!left) return null
    const held = left.metadata.finalizers ?? []
    return held.length === 0 ? 'it is still there' : `it is still there, held by ${held.join(', ')}`
  },
})

/** An object as it was seen. */
interface Seen {
  readonly title: string
  readonly resource: Resource<LooseObject>
  readonly live: LooseObject
}

/** A Secret with keys that hold something. */
export const ofSecret = (place: Required<Place>, keys: readonly string[]): Condition =>
  ofOne(looseResource(secrets), place, object => {
    const empty = keys.filter(key => {
      const value = partOf(object, 'data', key)
      return typeof value !== 'string' || value === ''
    })
    return empty.length === 0 ? null : `it has no ${empty.join(', no ')}`
  })

/** Pods by their labels: so many of them, and all of them ready. */
export const ofPods = (namespace: string, labels: Labels, count: number, what: string): Condition => ({
  title: `pods of ${what}`,
  resource: looseResource(pods),
  query: {
    namespace,
    labelSelector: labelSelector(labels),
  },
  missing(objects) {
    const ready = objects.filter(isReady).length
    return ready < count ? `${ready} of ${count} are ready` : null
  },
})

function isReady(pod: LooseObject): boolean {
  const conditions = partOf(pod, 'status', 'conditions')
  return (
    pod.metadata.deletionTimestamp === undefined &&
    Array.isArray(conditions) &&
    conditions.some(one => partOf(one, 'type') === 'Ready' && partOf(one, 'status') === 'True')
  )
}
