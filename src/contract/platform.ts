import { z } from 'zod'

/**
 * How a component or chart stands on its cluster. `external`: somebody else's is used in its place. `waiting`: it comes once
 * what it needs is ready. `blocked`: something stands in its way.
 */
const platformStates = [
  'ready',
  'external',
  'not-ready',
  'differs',
  'absent',
  'waiting',
  'blocked',
  'off',
  'unknown',
] as const
const platformState = z.enum(platformStates)

/** What the decision of a stage of the platform rests on, for whoever tells how its component stands. */
export const platformFactsShape = z
  .object({
    state: platformState.extract(['ready', 'external', 'not-ready', 'differs', 'absent', 'unknown']),
    version: z.string().nullable().exactOptional(),
    /** `release web/web`, `Deployment pgo/pgo` */
    where: z.string().nullable().exactOptional(),
    owner: z.string().nullable().exactOptional(),
    storage_class: z.string().exactOptional(),
    storage_class_from: z.string().exactOptional(),
  })
  .readonly()
export type PlatformFacts = z.infer<typeof platformFactsShape>
