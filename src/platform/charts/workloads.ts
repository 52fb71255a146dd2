import { SlipwayError } from '../../domain/errors.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import {
  type Workload,
  type WorkloadKind,
  workloadFailed,
  workloadMissing,
  workloads,
} from '../../kubernetes/workloads.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import type { ReleaseObject } from '../byHand/releaseObjects.ts'
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

/** What an object of a release lacks. */
export interface Lack {
  /** `Deployment apps/web` */
  readonly title: string
  /** `0 of 2 pods are available` */
  readonly missing: string
}

/** What objects of a release lack now; empty when all are there and the workloads among them ready. Pure. */
export const lacksIn = (objects: readonly ReleaseObject[]): Lack[] =>
  objects.flatMap(one => {
    const missing = isGone(one) ? notThere(one) : missingOf(one)
    return missing === null ? [] : [{ title: one.title, missing }]
  })

/** What has been done may have been cleaned up since. */
const passes: ReadonlySet<string> = new Set(['Job', 'Pod'])

/** Whether it is to be there, and is not: waiting brings nothing. Pure. */
export const isGone = ({ isThere, wanted }: ReleaseObject): boolean => !isThere && !passes.has(wanted.kind)

const notThere = ({ resource }: ReleaseObject): string =>
  resource ? 'it is not there' : 'the API does not know its kind'

function missingOf({ wanted: { kind }, resource, live }: ReleaseObject): string | null {
  if (live?.metadata.deletionTimestamp !== undefined) return 'it is being deleted'
  if (!isWorkload(kind) || workloads[kind].group !== resource?.group) return null
  const { shape }: Resource<Workload> = workloads[kind]
  const read = shape.safeParse(live)
  return read.success ? workloadMissing(kind, read.data) : null
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
