import { z } from 'zod'

/** Settings as a file has them, or as they are typed after `--set`, where everything is text. */

export const typedBoolean = z.union(
  [z.boolean(), z.enum(['true', 'false']).transform(text => text === 'true')],
  'true or false',
)
