import { z } from 'zod'
import type { Json } from '../contract/json.ts'
import { metadataShape, type Resource } from './resource.ts'

/** Objects of which all is read, as whoever reads them knows them better. */
// What was made in a dry run has no version.
export const looseMetadata = metadataShape
  .unwrap()
  .extend({ resourceVersion: z.string().default('') })
  .readonly()
const looseObject = z.object({ metadata: looseMetadata }).catchall(z.json())
export type LooseObject = { readonly metadata: z.infer<typeof metadataShape> } & { readonly [key: string]: unknown }

/** A resource whose objects are read as they are. */
export const looseResource = (resource: Omit<Resource, 'shape'>): Resource<LooseObject> => ({
  ...resource,
  shape: looseObject as z.ZodType<LooseObject>,
})

/** What stands at a path of an object; undefined: nothing. Pure. */
export function partOf(object: unknown, ...path: readonly (string | number)[]): Json | undefined {
  let part: unknown = object
  for (const key of path) {
    if (typeof part !== 'object' || part === null) return undefined
    part = Object.hasOwn(part, key) ? (part as Record<string | number, unknown>)[key] : undefined
  }
  return part as Json | undefined
}
