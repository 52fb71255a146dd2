import { z } from 'zod'
import { plainText } from '../domain/names.ts'

/** One page of a list. `next` is given as `after` to get the page behind it; null: there is none. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item).readonly(), next: z.string().nullable() }).readonly()

export const pageQuery = z
  .object({
    after: plainText.max(300).optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  })
  .readonly()
export type PageQuery = z.infer<typeof pageQuery>
