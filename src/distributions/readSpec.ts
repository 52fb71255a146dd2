import type { z } from 'zod'
import type { ClusterFile, ClusterSpec } from '../domain/cluster.ts'
import type { ClusterFormat } from '../domain/clusterFile/format.ts'
import { storedStateRefused } from '../domain/storedStateRefused.ts'

/**
 * A desired state as its distribution reads it. Rules grow: what an earlier version has stored may be refused now.
 * @throws SlipwayError `stored-state-refused`
 */
export function readSpec<Spec extends ClusterSpec>(
  { spec }: ClusterFormat<Spec>,
  { metadata, spec: stored }: ClusterFile,
): Spec {
  const read: z.ZodSafeParseResult<Spec> = spec.safeParse(stored)
  if (read.success) return read.data
  throw storedStateRefused(metadata.name, read.error, 'spec')
}
