import type { ApiObject } from '../kubernetes/resource.ts'

/** A release by its place. */
export interface ReleasePlace {
  readonly namespace: string
  readonly name: string
}

const [nameMark, namespaceMark] = ['meta.helm.sh/release-name', 'meta.helm.sh/release-namespace']

/** Annotations by which Helm knows an object as one of a release. Pure. */
export const ownerAnnotations = ({ name, namespace }: ReleasePlace): Readonly<Record<string, string>> => ({
  [nameMark]: name,
  [namespaceMark]: namespace,
})

const managerLabel = 'app.kubernetes.io/managed-by'

/** What of an object's metadata lets Helm take it into a release. Pure. */
export const managedByHelm = (release: ReleasePlace) => ({
  labels: { [managerLabel]: 'Helm' },
  annotations: ownerAnnotations(release),
})

/** Whether Helm takes an object as one of this release. Pure. */
export const isTakenBy = (object: Pick<ApiObject, 'metadata'>, release: ReleasePlace): boolean =>
  object.metadata.labels?.[managerLabel] === 'Helm' && isSameRelease(helmOwner(object), release)

/** The release that Helm says an object is of; null: of none. Pure. */
export function helmOwner({ metadata: { annotations } }: Pick<ApiObject, 'metadata'>): ReleasePlace | null {
  const [name, namespace] = [annotations?.[nameMark], annotations?.[namespaceMark]]
  return name === undefined || namespace === undefined ? null : { namespace, name }
}

/** Each namespace has its own release of a name. Pure. */
export const isSameRelease = (one: ReleasePlace | null, other: ReleasePlace): boolean =>
  one?.name === other.name && one.namespace === other.namespace
