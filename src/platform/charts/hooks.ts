import { SlipwayError } from '../../domain/errors.ts'
import type { AttemptContext } from '../../engine/contract/stage.ts'
import type { ReleasePlace } from '../../helm/owner.ts'
import { type Release, releaseOf } from '../../helm/release.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { type Query, queryOfOne } from '../../kubernetes/objects.ts'
import { type ApiObject, placeName, type Resource } from '../../kubernetes/resource.ts'
import { type Event, events, type Pod, pods, type Secret, secrets } from '../../kubernetes/resources.ts'
import { watchList } from '../../kubernetes/watchList.ts'
import { type Workload, workloadMissing, workloads } from '../../kubernetes/workloads.ts'
import { reasonsIn } from './whyNotReady.ts'

type Hook = NonNullable<Release['hook']>
type Watching = Pick<ClusterClient, 'snapshot' | 'watch'>

/**
 * Has Helm do something to a release, and tells meanwhile what is seen of the hook that it waits for, which Helm itself does
 * not: by watches of what it keeps, and of the hook with its pods.
 * @throws SlipwayError as `act`; where a hook was not done, with what was seen of it last.
 */
export async function tellingHooks<T>(
  client: Watching,
  release: ReleasePlace,
  context: Pick<AttemptContext, 'signal' | 'progress'>,
  act: () => Promise<T>,
): Promise<T> {
  const ended = new AbortController()
  let last: string | null = null
  const tell = (words: string | null) => {
    if (words !== null && words !== last) void context.progress(words)
    last = words
  }
  const watched = watchHooks(client, release, AbortSignal.any([context.signal, ended.signal]), tell)
  // It is awaited at the end; until then nobody else does.
  watched.catch(() => {})
  try {
    return await act()
  } catch (error) {
    if (last === null || !(error instanceof SlipwayError) || error.code !== 'chart-refused') throw error
    const { code, message, remedy, facts } = error
    throw new SlipwayError(code, `${message}; ${last}`, { remedy, facts, cause: error })
  } finally {
    ended.abort()
    await watched
  }
}

/** Words of the hook that is under way, from one to the next; null: it is done. Ends with its signal. */
async function watchHooks(
  client: Watching,
  { namespace, name }: ReleasePlace,
  signal: AbortSignal,
  tell: (words: string | null) => void,
): Promise<void> {
  const underWay = 'status in (pending-install,pending-upgrade,pending-rollback,uninstalling)'
  const query = { namespace, labelSelector: `owner=helm,name=${name},${underWay}` }
  const watches: Promise<void>[] = []
  let known = ''
  let stop = new AbortController()
  const onRecord = (records: readonly Secret[]) => {
    const newest = records.map(releaseOf).toSorted((one, other) => other.revision - one.revision)[0]
    const title = newest?.hook ? `${newest.hook.kind} ${placeName(newest.hook)}` : known
    if (!newest?.hook || title === known) return
    known = title
    stop.abort()
    stop = new AbortController()
    tell(null)
    watches.push(watchHook(client, newest.hook, AbortSignal.any([signal, stop.signal]), tell))
  }
  await follow(client, secrets, query, signal, onRecord)
  await Promise.all(watches)
}

async function watchHook(
  client: Watching,
  hook: Hook,
  signal: AbortSignal,
  tell: (words: string | null) => void,
): Promise<void> {
  const { kind, namespace, name } = hook
  // Helm waits for no other kind.
  if (kind !== 'Job' && kind !== 'Pod') return
  let seen: SeenHook = { job: null, pods: [], warnings: [] }
  const see = (more: Partial<SeenHook>) => {
    seen = { ...seen, ...more }
    // One that is gone may have failed, and been deleted for that.
    if (seen.job || (kind === 'Pod' && seen.pods.length > 0)) tell(hookWords(hook, seen))
  }
  const itself = queryOfOne({ namespace, name })
  const own = kind === 'Job' ? { namespace, labelSelector: `job-name=${name}` } : itself
  const warned = { namespace, fieldSelector: 'type=Warning' }
  await Promise.all([
    ...(kind === 'Job'
      ? [follow(client, workloads.Job, itself, signal, jobs => see({ job: jobs.at(-1) ?? null }))]
      : []),
    follow(client, pods, own, signal, found => see({ pods: found })),
    follow(client, events, warned, signal, warnings => see({ warnings })),
  ])
}

interface SeenHook {
  readonly job: Workload | null
  readonly pods: readonly Pod[]
  readonly warnings: readonly Event[]
}

/** `hook Job shop/migrate: 0 of 1 pods have completed; pod migrate-x: container a waits: ImagePullBackOff`; null: it is done. Pure. */
export function hookWords({ kind, namespace, name }: Hook, { job, pods: own, warnings }: SeenHook): string | null {
  const phase = own.at(-1)?.status?.phase ?? 'Pending'
  const missing = job ? workloadMissing('Job', job) : phase === 'Succeeded' ? null : `it is ${phase}`
  if (missing === null) return null
  return [`hook ${kind} ${namespace}/${name}: ${missing}`, ...reasonsIn({ kind, name }, own, warnings)].join('; ')
}

/** Tells the objects of a query whenever there are others. What may not be seen is not told: nobody waits for it here. */
async function follow<T extends ApiObject>(
  client: Watching,
  resource: Resource<T>,
  query: Query,
  signal: AbortSignal,
  onObjects: (objects: readonly T[]) => void,
): Promise<void> {
  const kept = new Map<string, T>()
  let isListed = false
  try {
    for await (const change of watchList(client, resource, query, { signal })) {
      if (change.kind === 'listed') isListed = true
      else if (change.kind === 'removed') kept.delete(change.object.metadata.uid)
      else kept.set(change.object.metadata.uid, change.object)
      if (isListed) onObjects([...kept.values()])
    }
  } catch (error) {
    if (!signal.aborted && !(error instanceof SlipwayError)) throw error
  }
}
