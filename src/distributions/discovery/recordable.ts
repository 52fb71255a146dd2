import type { z } from 'zod'
import type { ClusterSpec } from '../../domain/cluster.ts'
import { SlipwayError } from '../../domain/errors.ts'

/**
 * What was found as a desired state.
 * @throws SlipwayError `nothing-to-record` when a version or an address is of a form that no cluster file may have.
 */
export function recordable<Spec extends ClusterSpec>(schema: z.ZodType<Spec>, found: unknown): Spec {
  const spec = schema.safeParse(found)
  if (spec.success) return spec.data
  const [issue] = spec.error.issues
  throw new SlipwayError(
    'nothing-to-record',
    `what was found is no desired state that Slipway could keep: ${issue?.path.join('.')}: ${issue?.message}`,
  )
}
