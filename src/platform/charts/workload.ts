import { placeName } from '../../kubernetes/resource.ts'
import type { WorkloadKind } from '../../kubernetes/workloads.ts'

/** A workload of a release. */
export interface WorkloadOf {
  readonly kind: WorkloadKind
  readonly namespace: string
  readonly name: string
}

/** `Deployment apps/web` */
export const titleOf = ({ kind, ...place }: WorkloadOf): string => `${kind} ${placeName(place)}`
