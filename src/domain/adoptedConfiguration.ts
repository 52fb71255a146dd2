import { z } from 'zod'

/**
 * A file that somebody else has written and that was proven to say what Slipway would write, in other words: it stays as
 * it is, as long as the same is wanted.
 */
export const adoptedConfiguration = z
  .object({
    /** Keyed hash of its bytes. */
    file: z.string(),
    /** Keyed hash of what it says. */
    meaning: z.string(),
  })
  .readonly()
export type AdoptedConfiguration = z.infer<typeof adoptedConfiguration>
