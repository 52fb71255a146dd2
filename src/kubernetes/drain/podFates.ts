import type { Pod } from '../resources.ts'

/** What is allowed that loses something. */
export interface Allowed {
  /** Pods with an emptyDir: its contents are lost. */
  readonly emptyDir?: boolean
  /** Pods that nothing brings back elsewhere. */
  readonly unmanaged?: boolean
}

/** What becomes of a pod when its node is drained. */
export type Fate =
  | { readonly kind: 'evicted' }
  /** It is ending already, and is waited for. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'left'; readonly why: 'daemon-set' | 'static' | 'finished' }
  | { readonly kind: 'in-the-way'; readonly why: readonly ('emptyDir' | 'unmanaged')[] }

/** @param daemonSets uids of those there are: a pod of one that is gone comes back as little as one of nobody. */
export function fateOf(pod: Pod, daemonSets: ReadonlySet<string>, allowed: Allowed): Fate {
  const { annotations, deletionTimestamp, ownerReferences } = pod.metadata
  // The kubelet makes it out of a file; removing what the API shows of it ends nothing.
  if (annotations?.['kubernetes.io/config.mirror'] !== undefined) return { kind: 'left', why: 'static' }
  const owner = ownerReferences?.find(({ controller }) => controller)
  // It tolerates the cordon, and would come back at once.
  if (owner?.kind === 'DaemonSet' && daemonSets.has(owner.uid)) return { kind: 'left', why: 'daemon-set' }
  if (deletionTimestamp !== undefined) return { kind: 'ending' }
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return { kind: 'left', why: 'finished' }
  const why = [
    ...(hasEmptyDir(pod) && !allowed.emptyDir ? (['emptyDir'] as const) : []),
    ...((!owner || owner.kind === 'DaemonSet') && !allowed.unmanaged ? (['unmanaged'] as const) : []),
  ]
  return why.length > 0 ? { kind: 'in-the-way', why } : { kind: 'evicted' }
}

const hasEmptyDir = ({ spec }: Pod): boolean => (spec.volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined)
