import { manifestObjects } from '../../helm/manifest.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { placeName } from '../../kubernetes/resource.ts'
import { waitFor } from '../../kubernetes/waitFor.ts'
import { type WorkloadKind, workloadMissing, workloads } from '../../kubernetes/workloads.ts'

/** A workload of a release. */
interface WorkloadOf {
  readonly kind: WorkloadKind
  readonly namespace: string
  readonly name: string
}

/** The workloads that a manifest names. Pure. */
export const workloadsIn = (manifest: string, namespace: string): WorkloadOf[] =>
  manifestObjects(manifest).flatMap(object =>
    isWorkload(object.kind) ? [{ kind: object.kind, namespace: object.namespace ?? namespace, name: object.name }] : [],
  )

const isWorkload = (kind: string): kind is WorkloadKind => Object.hasOwn(workloads, kind)
const titleOf = ({ kind, ...place }: WorkloadOf): string => `${kind} ${placeName(place)}`

/** What each of them lacks now: `Deployment apps/web: 0 of 2 pods are available`. Empty when all are ready. */
export async function missingNow(
  client: Pick<ClusterClient, 'get'>,
  wanted: readonly WorkloadOf[],
  call: Call,
): Promise<string[]> {
  const found = await Promise.all(
    wanted.map(async one => ({ one, missing: workloadMissing(one.kind, await client.get(workloads[one.kind], one, call)) })),
  )
  return found.flatMap(({ one, missing }) => (missing === null ? [] : [`${titleOf(one)}: ${missing}`]))
}

/**
 * Waits by watches until all of them are ready.
 * @throws SlipwayError as `waitFor` says.
 */
export async function untilReady(
  client: Pick<ClusterClient, 'snapshot' | 'watch'>,
  wanted: readonly WorkloadOf[],
  { signal, timeout, tell }: { signal: AbortSignal; timeout: number; tell: (message: string) => void },
): Promise<void> {
  await Promise.all(
    wanted.map(one =>
      waitFor(client, workloads[one.kind], one, {
        signal,
        timeout,
        missing: object => workloadMissing(one.kind, object),
        onMissing: missing => tell(`${titleOf(one)}: ${missing}`),
      }),
    ),
  )
}
