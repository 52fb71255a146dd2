import { isMap, parseAllDocuments } from 'yaml'
import { z } from 'zod'

/** One object of a manifest: what it is, and where. */
export interface ManifestObject {
  readonly kind: string
  readonly name: string
  /** As it is written; undefined: the release's, or it has none. */
  readonly namespace?: string | undefined
}

const object = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
})
const list = z.object({ kind: z.string().endsWith('List'), items: z.array(z.unknown()) })

/** The objects of a manifest as Helm renders it; what is none is left out, as it has been taken by the API. Pure. */
export function manifestObjects(text: string): ManifestObject[] {
  return parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false }).flatMap(document =>
    isMap(document.contents) ? objectsOf(document.toJS()) : [],
  )
}

function objectsOf(value: unknown): ManifestObject[] {
  const listed = list.safeParse(value)
  if (listed.success) return listed.data.items.flatMap(objectsOf)
  const read = object.safeParse(value)
  if (!read.success) return []
  const { kind, metadata } = read.data
  return [{ kind, name: metadata.name, namespace: metadata.namespace }]
}
