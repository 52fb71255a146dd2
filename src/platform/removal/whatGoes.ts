import type { Unmet } from '../../engine/contract/stage.ts'
import type { ManifestObject } from '../../helm/manifest.ts'
import { helmOwner, isSameRelease, type ReleasePlace } from '../../helm/owner.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { partOf } from '../../kubernetes/looseObject.ts'
import { placeName } from '../../kubernetes/resource.ts'
import { type AtStake, type Remaining, remainingObjects, remainingText } from './customResources.ts'
import { liveObjects, type LiveObject } from './leaving.ts'
import { type Volumes, volumesOf } from './lostVolumes.ts'

/** What Helm would delete of a release, and what hangs on it. */
export interface Going {
  readonly objects: readonly LiveObject[]
  /** Titles of what it leaves where it is. */
  readonly staying: readonly string[]
  readonly volumes: Volumes
  readonly remaining: readonly Remaining[]
}

interface OfRelease extends ReleasePlace {
  /** Kinds that nobody looks after any more when the release is gone; those that it defines come to them. */
  readonly atStake: AtStake
}

/** Looks at what becomes of the cluster when these objects of a release go. */
export async function whatGoes(
  client: ClusterClient,
  objects: readonly ManifestObject[],
  { namespace, atStake }: OfRelease,
  call: Call,
): Promise<Going> {
  const live = await liveObjects(client, objects, namespace, call)
  const going = live.filter(({ kept }) => !kept)
  // Also of those that it keeps: nobody looks after their objects then.
  const definitions = live.flatMap(({ resource, live: { metadata } }) =>
    resource.kind === 'CustomResourceDefinition' ? [metadata.name] : [],
  )
  const [volumes, remaining] = await Promise.all([
    volumesOf(client, going, call),
    remainingObjects(
      client,
      { groups: atStake.groups, definitions: [...atStake.definitions, ...definitions] },
      going,
      call,
    ),
  ])
  const kept = live.flatMap(object => (object.kept ? [object.title] : []))
  return { objects: going, staying: [...kept, ...volumes.staying].toSorted(), volumes, remaining }
}

/**
 * Why these objects may not go. Pure.
 * @param about `component operator-pgo`
 * @param instead what else can be done, as the rest of a sentence.
 */
export function whyStaying(
  { objects, volumes, remaining }: Going,
  release: ReleasePlace,
  about: string,
  instead: string,
): Unmet[] {
  const unmet: Unmet[] = []
  const { lost } = volumes
  if (lost.length > 0)
    unmet.push({
      name: 'volumes-would-go',
      severity: 'error',
      about,
      message: `data would be deleted with it: ${listed(lost)}`,
      remedy: `Data is deleted by hand only. Have the chart keep it (annotation helm.sh/resource-policy: keep in its template, whenDeleted: Retain of a StatefulSet) and apply that; or ${instead}.`,
    })
  if (remaining.length > 0)
    unmet.push({
      name: 'custom-resources-remain',
      severity: 'error',
      about,
      message: `there are objects of its kinds, which would go with their definition or never let go again: ${remaining.map(one => `${one.definition}: ${remainingText(one)}`).join('; ')}`,
      remedy: `Where they are not needed any more, delete them while it runs (kubectl delete ${remaining[0]?.definition ?? ''} NAME -n NAMESPACE; their data may go with them), then do this again. Otherwise ${instead}.`,
    })
  const secrets = objects.filter(holdsSecrets).map(({ title }) => title)
  if (secrets.length > 0)
    unmet.push({
      name: 'secrets-would-go',
      severity: 'warning',
      about,
      message: `passwords and keys would be deleted with it: ${listed(secrets)}; volumes that stay may be of no use without them`,
      remedy:
        'Keep a copy (kubectl get secret NAME -n NAMESPACE -o yaml), or see that nothing needs them; then accept it: --accept secrets-would-go.',
    })
  const ofOthers = objects.flatMap(({ title, live }) => {
    const owner = helmOwner(live)
    return owner === null || isSameRelease(owner, release) ? [] : [`${title} (${placeName(owner)})`]
  })
  if (ofOthers.length > 0)
    unmet.push({
      name: 'object-of-another-release',
      severity: 'error',
      about,
      message: `another release has taken over what this one has made: ${listed(ofOthers)}`,
      remedy: `See which of the two it belongs to; or ${instead}.`,
    })
  return unmet
}

/** What anybody makes anew is none. */
const remade: ReadonlySet<unknown> = new Set(['kubernetes.io/tls', 'kubernetes.io/service-account-token'])

function holdsSecrets({ resource, live }: LiveObject): boolean {
  if (resource.group !== '' || resource.kind !== 'Secret' || remade.has(partOf(live, 'type'))) return false
  return Object.keys(partOf(live, 'data') ?? {}).length > 0
}

const mostListed = 10
const listed = (titles: readonly string[]): string =>
  titles.length > mostListed
    ? `${titles.slice(0, mostListed).join(', ')} and ${titles.length - mostListed} more`
    : titles.join(', ')
