import { z } from 'zod'

/** Settings as a file has them, or as they are typed after `--set`, where everything is text. */

export const typedBoolean = z.union(
  [z.boolean(), z.enum(['true', 'false']).transform(text => text === 'true')],
  'true or false',
)

/** A list, or its parts with commas between. */
export const typedList = (part: z.ZodType<string, string>) =>
  z
    .union([z.array(z.string()), z.string().transform(text => (text === '' ? [] : text.split(',')))])
    .pipe(z.array(part).max(100))
