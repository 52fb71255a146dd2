import { isMap, parseAllDocuments, visit } from 'yaml'
import { z } from 'zod'
import { chartScalar } from '../domain/clusterFile/chartValue.ts'

/** One object of a manifest by its name: what it is, and where. */
export interface NamedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** As it is written; undefined: the release's, or it has none. */
  readonly namespace?: string | undefined
  /** Helm leaves it where it is when its release goes, or has it no more. */
  readonly kept: boolean
}

/** One object of a manifest, or of what a chart is rendered to. */
export interface ManifestObject extends NamedObject {
  /** When Helm makes it beside the release and leaves it to itself, as `pre-install`; empty: it is one of the release. */
  readonly hooks: readonly string[]
  /** All of it, read as Helm reads it. May hold secrets. */
  readonly body: Readonly<Record<string, unknown>>
}

const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    annotations: z.record(z.string(), z.unknown()).nullish(),
  }),
})
const list = z.object({ kind: z.string().endsWith('List'), items: z.array(z.unknown()) })

/** The objects of a manifest as Helm renders it; what is none is left out, as it has been taken by the API. Pure. */
export function manifestObjects(text: string): ManifestObject[] {
  return parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false, merge: true }).flatMap(document => {
    if (!isMap(document.contents)) return []
    visit(document, {
      Scalar(key, node) {
        if (key !== 'key') node.value = chartScalar(node)
      },
    })
    return objectsOf(document.toJS({ maxAliasCount: 10_000 }), false)
  })
}

/** @param isListed Helm looks for its annotation at the head of a document, and at none of what is inside of a list. */
function objectsOf(value: unknown, isListed: boolean): ManifestObject[] {
  const listed = list.safeParse(value)
  if (listed.success) return listed.data.items.flatMap(item => objectsOf(item, true))
  const read = object.safeParse(value)
  if (!read.success) return []
  const { apiVersion, kind, metadata } = read.data
  const { name, namespace, annotations } = metadata
  const policy = annotations?.['helm.sh/resource-policy']
  const kept = !isListed && typeof policy === 'string' && policy.trim().toLowerCase() === 'keep'
  const hook = annotations?.['helm.sh/hook']
  const hooks = typeof hook === 'string' ? hook.split(',').map(event => event.trim()) : []
  return [{ apiVersion, kind, name, namespace, kept, hooks, body: read.data }]
}
