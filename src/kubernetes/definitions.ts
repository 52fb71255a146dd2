import { z } from 'zod'
import { metadataShape, type Resource } from './resource.ts'
import { conditions } from './resources.ts'

/** What of a CustomResourceDefinition is read: all of its spec, as it is compared with what a chart brings. */
const definition = z
  .object({
    metadata: metadataShape,
    spec: z.record(z.string(), z.json()),
    status: z
      .object({
        conditions: conditions.nullish(),
      })
      .readonly()
      .optional(),
  })
  .readonly()
export type CustomResourceDefinition = z.infer<typeof definition>
export const definitions: Resource<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  shape: definition,
}

/** What a definition lacks until objects of it can be made, in words; null when nothing does. Pure. */
export function definitionMissing(object: CustomResourceDefinition | null): string | null {
  if (!object) return 'it is not there'
  const named = object.status?.conditions?.find(({ type }) => type === 'NamesAccepted')
  if (named?.status === 'False') return `its names are taken: ${named.message ?? ''}`
  const established = object.status?.conditions?.find(({ type }) => type === 'Established')
  return established?.status === 'True' ? null : 'it is not established'
}
