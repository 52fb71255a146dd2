import { SlipwayError } from '../../domain/errors.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { placeName } from '../../kubernetes/resource.ts'
import { waitFor } from '../../kubernetes/waitFor.ts'
import { type WorkloadKind, workloadFailed, workloadMissing, workloads } from '../../kubernetes/workloads.ts'
import { whyNotReady } from './whyNotReady.ts'

/** A workload of a release. */
export interface WorkloadOf {
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
    wanted.map(async one => ({
      one,
      missing: workloadMissing(one.kind, await client.get(workloads[one.kind], one, call)),
    })),
  )
  return found.flatMap(({ one, missing }) => (missing === null ? [] : [`${titleOf(one)}: ${missing}`]))
}

interface Waiting {
  readonly signal: AbortSignal
  /** ms */
  readonly timeout: number
  tell(message: string): void
}

/**
 * Waits by watches until all of them are ready.
 * @throws SlipwayError `workload-not-ready` that says what was seen last, of them, their pods and the events; as `ClusterClient` says.
 */
export async function untilReady(
  client: Pick<ClusterClient, 'get' | 'snapshot' | 'watch'>,
  wanted: readonly WorkloadOf[],
  { signal, timeout, tell }: Waiting,
): Promise<void> {
  const ended = new AbortController()
  const one = async (workload: WorkloadOf) => {
    const { kind } = workload
    try {
      await waitFor(client, workloads[kind], workload, {
        signal: AbortSignal.any([signal, ended.signal]),
        timeout,
        missing(object) {
          const failed = workloadFailed(object)
          if (failed !== null)
            throw new SlipwayError('workload-not-ready', `${titleOf(workload)}: it has failed: ${failed}`)
          return workloadMissing(kind, object)
        },
        onMissing: missing => tell(`${titleOf(workload)}: ${missing}`),
      })
    } catch (error) {
      signal.throwIfAborted()
      if (ended.signal.aborted || !(error instanceof SlipwayError) || !tellable.has(error.code)) throw error
      const why = await whyNotReady(client, workload, { signal }).catch(() => [])
      throw new SlipwayError('workload-not-ready', [error.message, ...why].join('; '), { cause: error })
    }
  }
  try {
    await Promise.all(wanted.map(one))
  } finally {
    ended.abort()
  }
}

const tellable: ReadonlySet<string> = new Set(['stage-timeout', 'workload-not-ready'])
