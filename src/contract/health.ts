import { z } from 'zod'

/** Whether the process answers. */
export const healthShape = z
  .object({
    status: z.literal('ok'),
    version: z.string(),
    instance: z.string().describe('Of this start of the server: another one has another'),
  })
  .readonly()

/** Whether it can work. */
export const readyShape = z
  .object({
    status: z.enum(['ok', 'unavailable']),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() }).readonly()).readonly(),
  })
  .readonly()
