import { z } from 'zod'

const texts = z.record(z.string(), z.string()).optional()
const fields = z.record(z.string(), z.unknown())

/** What is read of any object of the API; whatever else stands in it comes along. */
export const objectShape = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.int().optional(),
    labels: texts,
    annotations: texts,
    finalizers: z.array(z.string()).optional(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: fields.optional(),
  status: fields.optional(),
})
export type LabObject = z.infer<typeof objectShape>

/** An object as it is sent. */
export interface Sent {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown }
  readonly [key: string]: unknown
}

export type Labels = Readonly<Record<string, string>>

/** `shop/db`; the name alone of what is in no namespace. */
export const placeOf = ({ metadata: { namespace, name } }: LabObject): string =>
  namespace === undefined ? name : `${namespace}/${name}`

export const hasLabels = ({ metadata }: LabObject, wanted: Labels): boolean =>
  Object.entries(wanted).every(([name, value]) => metadata.labels?.[name] === value)

/** Where the API serves a kind: `apiVersion`, and the plural of it. */
const served: Readonly<Record<string, readonly [apiVersion: string, plural: string]>> = {
  ConfigMap: ['v1', 'configmaps'],
  Endpoints: ['v1', 'endpoints'],
  Event: ['v1', 'events'],
  PersistentVolume: ['v1', 'persistentvolumes'],
  PersistentVolumeClaim: ['v1', 'persistentvolumeclaims'],
  Pod: ['v1', 'pods'],
  Secret: ['v1', 'secrets'],
  Service: ['v1', 'services'],
  ServiceAccount: ['v1', 'serviceaccounts'],
  DaemonSet: ['apps/v1', 'daemonsets'],
  Deployment: ['apps/v1', 'deployments'],
  StatefulSet: ['apps/v1', 'statefulsets'],
  StorageClass: ['storage.k8s.io/v1', 'storageclasses'],
  ClusterFluentBitConfig: ['fluentbit.fluent.io/v1alpha2', 'clusterfluentbitconfigs'],
  CustomResourceDefinition: ['apiextensions.k8s.io/v1', 'customresourcedefinitions'],
}

function servedAs(kind: string) {
  const found = served[kind]
  if (!found) throw new TypeError(`nobody has said where a ${kind} is`)
  return { apiVersion: found[0], plural: found[1] }
}

export const apiVersionOf = (kind: string): string => servedAs(kind).apiVersion

/** Path of all objects of a kind of Kubernetes' own, or of those in one namespace. */
export function pathOf(kind: string, namespace?: string): string {
  const { apiVersion, plural } = servedAs(kind)
  return collectionPath(apiVersion, plural, namespace)
}

export function collectionPath(apiVersion: string, plural: string, namespace?: string): string {
  const api = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return `${api}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`
}
