import type { z } from 'zod'
import type { ClusterSpec } from '../../domain/cluster.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { FoundState } from '../contract.ts'

/** What is found of any cluster, as `spec` of a file. Pure. */
export const plainSpec = (
  distribution: string,
  { version, nodes }: Pick<FoundState, 'version' | 'nodes'>,
): unknown => ({
  distribution,
  version,
  nodes: nodes.map(({ hostname, role, internal_ip, external_ip }) => ({
    hostname,
    role,
    internal_ip,
    ...(external_ip !== null && { external_ip }),
  })),
})

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
