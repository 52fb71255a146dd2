/** Schemas of custom resources, as a CustomResourceDefinition holds them. */
export type Schema = Readonly<Record<string, unknown>>

export const text: Schema = { type: 'string' }
export const flag: Schema = { type: 'boolean' }
export const count = (
  bounds: { readonly minimum?: number; readonly maximum?: number; readonly default?: number } = {},
) => ({
  type: 'integer',
  format: 'int32',
  ...bounds,
})

/** An object of which some fields are known; whatever else stands in it is kept. */
export const fields = (
  properties: Readonly<Record<string, Schema>> = {},
  required: readonly string[] = [],
): Schema => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
  'x-kubernetes-preserve-unknown-fields': true,
})
export const mapOf = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties })
export const listOf = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more })
/** A list whose items are told apart by a field of theirs. */
export const keyedBy = (key: string, items: Schema, more: Schema = {}): Schema =>
  listOf(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key], ...more })

const quantity: Schema = {
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  pattern: String.raw`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$`,
  'x-kubernetes-int-or-string': true,
}
export const resources = fields({ requests: mapOf(quantity), limits: mapOf(quantity) })
export const conditions = keyedBy(
  'type',
  fields({ type: text, status: { type: 'string', enum: ['True', 'False', 'Unknown'] }, reason: text, message: text }, [
    'type',
    'status',
  ]),
)
export const generation: Schema = { type: 'integer', format: 'int64', minimum: 0 }

/** The spec of a PersistentVolumeClaim. */
export const claim = fields({ accessModes: listOf(text), storageClassName: text, resources })

interface Served {
  readonly spec: Schema
  /** None: it has no status. */
  readonly status?: Schema
  /** Columns of kubectl, by the path of what they show. */
  readonly columns?: Readonly<Record<string, string>>
  readonly scale?: object
}

interface Definition extends Served {
  readonly group: string
  readonly kind: string
  /** The last one is that in which it is stored. */
  readonly versions: readonly string[]
  readonly plural?: string
  readonly shortNames?: readonly string[]
  readonly scope?: 'Namespaced' | 'Cluster'
  readonly labels?: Readonly<Record<string, string>>
}

/** A CustomResourceDefinition. */
export function define({ group, kind, versions, scope = 'Namespaced', ...given }: Definition) {
  const singular = kind.toLowerCase()
  const { plural = `${singular}s`, shortNames, labels } = given
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(labels && { labels }) },
    spec: {
      group,
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular, ...(shortNames && { shortNames }) },
      versions: versions.map(name => ({ name, served: true, storage: name === versions.at(-1), ...serve(given) })),
    },
  }
}

const serve = ({ spec, status, columns = {}, scale }: Served) => ({
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: { apiVersion: text, kind: text, metadata: { type: 'object' }, spec, ...(status && { status }) },
    },
  },
  ...(status && { subresources: { status: {}, ...(scale && { scale }) } }),
  additionalPrinterColumns: Object.entries(columns).map(([name, jsonPath]) => ({ name, type: 'string', jsonPath })),
})
