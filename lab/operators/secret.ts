import { z } from 'zod'
import type { LabObject } from './objects.ts'

const secretShape = z.object({
  data: z.record(
    z.string(),
    z.string().transform(text => Buffer.from(text, 'base64').toString()),
  ),
})

/** What a Secret holds; nothing where there is none. */
export function secretTexts(secret: LabObject | null): Readonly<Record<string, string>> {
  const read = secretShape.safeParse(secret)
  return read.success ? read.data.data : {}
}

export const secretData = (texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]))
