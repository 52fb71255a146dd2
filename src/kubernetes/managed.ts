import { z } from 'zod'
import { looseMetadata, type LooseObject } from './looseObject.ts'
import type { Resource } from './resource.ts'

/** Who has set fields of an object; which ones is left out. */
const managers = z
  .array(z.object({ manager: z.string().optional(), subresource: z.string().optional() }).readonly())
  .readonly()
  .optional()

const managedObject = z
  .object({ metadata: looseMetadata.unwrap().extend({ managedFields: managers }).readonly() })
  .catchall(z.json())
export type ManagedObject = LooseObject & {
  readonly metadata: LooseObject['metadata'] & { readonly managedFields?: z.infer<typeof managers> }
}

/** A resource whose objects are read as they are, with who manages them. */
export const managedResource = (resource: Omit<Resource, 'shape'>): Resource<ManagedObject> => ({
  ...resource,
  shape: managedObject as z.ZodType<ManagedObject>,
})
