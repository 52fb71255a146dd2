import { SlipwayError } from '../../domain/errors.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import {
  type Workload,
  type WorkloadKind,
  workloadFailed,
  workloadMissing,
  workloads,
} from '../../kubernetes/workloads.ts'
import { queryOfOne } from '../../kubernetes/objects.ts'
import { type Awaited, untilMet, type Waiting } from '../untilMet.ts'
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

/**
 * Waits by watches until all of them are ready.
 * @throws SlipwayError `workload-not-ready` that says what was seen last, of them, their pods and the events; as `ClusterClient` says.
 */
export const untilReady = (
  client: Pick<ClusterClient, 'get' | 'snapshot' | 'watch'>,
  wanted: readonly WorkloadOf[],
  waiting: Waiting,
): Promise<void> => untilMet(client, wanted.map(ready), waiting)

function ready(workload: WorkloadOf): Awaited<Workload> {
  const { kind } = workload
  const title = titleOf(workload)
  return {
    title,
    resource: workloads[kind],
    query: queryOfOne(workload),
    missing(objects) {
      const object = objects.at(-1) ?? null
      const failed = workloadFailed(object)
      if (failed !== null) throw new SlipwayError('workload-not-ready', `${title}: it has failed: ${failed}`)
      return workloadMissing(kind, object)
    },
    why: (client, call) => whyNotReady(client, workload, call),
  }
}
