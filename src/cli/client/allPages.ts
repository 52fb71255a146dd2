import type { z } from 'zod'
import type { Client } from './client.ts'
import { pageOf } from '../../contract/page.ts'

const pageSize = 500

/** Every item of a list, page by page. */
export async function allPages<Item extends z.ZodType>(
  client: Client,
  path: string,
  item: Item,
  query: Readonly<Record<string, string>> = {},
): Promise<z.output<Item>[]> {
  const shape = pageOf(item)
  const items: z.output<Item>[] = []
  for (let after: string | null = null; ; ) {
    const search = new URLSearchParams({ ...query, limit: String(pageSize), ...(after !== null && { after }) })
    const page: z.output<typeof shape> = await client.get(`${path}?${search}`, shape)
    items.push(...page.items)
    if (page.next === null) return items
    after = page.next
  }
}
