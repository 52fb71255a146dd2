import { z } from 'zod'

const ownerReference = z
  .object({
    apiVersion: z.string(),
    kind: z.string(),
    name: z.string(),
    uid: z.string(),
    controller: z.boolean().optional(),
  })
  .readonly()

/** What every object has, as far as it is read. */
export const metadataShape = z
  .object({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.int().optional(),
    creationTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).readonly().optional(),
    annotations: z.record(z.string(), z.string()).readonly().optional(),
    finalizers: z.array(z.string()).readonly().optional(),
    deletionTimestamp: z.string().optional(),
    ownerReferences: z.array(ownerReference).readonly().optional(),
  })
  .readonly()

export interface ApiObject {
  readonly metadata: z.infer<typeof metadataShape>
}

/** A kind of objects: where the API serves it, and what is read of each. Whatever else an object has is left out. */
export interface Resource<T extends ApiObject = ApiObject> {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  readonly shape: z.ZodType<T>
}

/** One object of a resource; `namespace` for those that have one. */
export interface Place {
  readonly namespace?: string | undefined
  readonly name: string
}

export const apiVersionOf = ({ group, version }: Resource): string => (group === '' ? version : `${group}/${version}`)

/** Path of all objects of a resource, or of those in one namespace. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const api = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const within = namespace === undefined ? '' : `/namespaces/${segment(namespace)}`
  if (within !== '' && !resource.namespaced) throw new TypeError(`a ${resource.kind} is in no namespace`)
  return `${api}${within}/${resource.plural}`
}

export function objectPath(resource: Resource, { namespace, name }: Place, subresource = ''): string {
  if (resource.namespaced && namespace === undefined) throw new TypeError(`a ${resource.kind} is in a namespace`)
  return `${collectionPath(resource, namespace)}/${segment(name)}${subresource === '' ? '' : `/${subresource}`}`
}

/** `Pod default/web-1`, `Node w1`. */
export const titleOf = (resource: Resource, place: Place): string => `${resource.kind} ${placeName(place)}`

/** `default/web-1`, `w1`. */
export const placeName = ({ namespace, name }: Place): string =>
  namespace === undefined ? name : `${namespace}/${name}`

/** An empty name would lead to all objects, and a slash elsewhere. */
function segment(name: string): string {
  if (name === '') throw new TypeError('an object has a name')
  return encodeURIComponent(name)
}
