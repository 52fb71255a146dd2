import { SlipwayError } from '../../domain/errors.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { waitFor } from '../../kubernetes/waitFor.ts'
import { type WorkloadKind, workloadFailed, workloadMissing, workloads } from '../../kubernetes/workloads.ts'
import { titleOf, type WorkloadOf } from './workload.ts'
import { whyNotReady } from './whyNotReady.ts'

/** The workloads that a manifest names. Pure. */
export const workloadsIn = (manifest: string, namespace: string): WorkloadOf[] =>
  manifestObjects(manifest).flatMap(object =>
    isWorkload(object.kind) ? [{ kind: object.kind, namespace: object.namespace ?? namespace, name: object.name }] : [],
  )

const isWorkload = (kind: string): kind is WorkloadKind => Object.hasOwn(workloads, kind)

/** What a workload lacks. */
export interface Lack {
  /** `Deployment apps/web` */
  readonly workload: string
  /** `0 of 2 pods are available` */
  readonly missing: string
  /** There is no such object: waiting brings nothing. */
  readonly gone: boolean
}

/** What each of them lacks now; empty when all are ready. */
export async function lacksNow(
  client: Pick<ClusterClient, 'get'>,
  wanted: readonly WorkloadOf[],
  call: Call,
): Promise<Lack[]> {
  const found = wanted.map(async (one): Promise<Lack[]> => {
    const object = await client.get(workloads[one.kind], one, call)
    const missing = workloadMissing(one.kind, object)
    return missing === null ? [] : [{ workload: titleOf(one), missing, gone: object === null }]
  })
  return (await Promise.all(found)).flat()
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
