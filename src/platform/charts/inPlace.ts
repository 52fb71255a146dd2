import type { Change, Unmet } from '../../engine/contract/stage.ts'
import type { ManifestObject } from '../../helm/manifest.ts'
import { helmOwner, isTakenBy, type ReleasePlace } from '../../helm/owner.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { placeName } from '../../kubernetes/resource.ts'
import { goneCondition } from '../conditions.ts'
import type { LiveObject } from '../removal/leaving.ts'
import { untilMet, type Waiting } from '../untilMet.ts'

/**
 * Objects that a chart has and somebody else has made: an older installer, or a hand. Helm takes none of them into its
 * release, but deletes what is in the place of a hook without a word.
 */
export interface InPlace {
  /** Jobs that nobody looks after: to make room for them is all that is needed. */
  readonly jobs: readonly LiveObject[]
  readonly others: readonly LiveObject[]
}

/** Which of the objects that are there are somebody else's. Pure. @param live objects of the chart that are there. */
export function inPlaceOf(
  live: readonly (LiveObject & { readonly of: ManifestObject })[],
  release: ReleasePlace,
): InPlace {
  const foreign = live.filter(one =>
    one.of.hooks.length > 0 ? !isOfHook(one, release) : !isTakenBy(one.live, release),
  )
  const jobs = foreign.filter(one => isJob(one) && ownerOf(one) === null)
  return { jobs, others: foreign.filter(one => !jobs.includes(one)) }
}

const isJob = ({ resource: { group, kind } }: LiveObject): boolean => group === 'batch' && kind === 'Job'

/** A hook of Helm has no owner; what another release has left in its place says so by its labels. */
function isOfHook({ live: { metadata } }: LiveObject, { name }: ReleasePlace): boolean {
  if (metadata.annotations?.['helm.sh/hook'] === undefined) return false
  return (metadata.labels?.['app.kubernetes.io/instance'] ?? name) === name
}

/** Who makes it anew, or misses it, when it is gone; null: nothing says it. */
function ownerOf({ live }: LiveObject): string | null {
  const release = helmOwner(live)
  if (release) return `Helm release ${placeName(release)}`
  const by = live.metadata.ownerReferences?.find(({ controller }) => controller === true)
  return by ? `${by.kind} ${by.name}` : null
}

const titled = (one: LiveObject): string => {
  const owner = ownerOf(one)
  return owner === null ? one.title : `${one.title} (of ${owner})`
}

/** Pure. @param about `chart web` */
export function inPlaceFindings({ jobs, others }: InPlace, release: ReleasePlace, about: string): Unmet[] {
  const findings: Unmet[] = []
  if (others.length > 0)
    findings.push({
      name: 'object-of-another',
      severity: 'error',
      about,
      message: `there is already what the chart would make, and the release has not made it: ${listed(others)}`,
      remedy: `Have it taken out by whoever runs it, or give the chart another name or namespace. To take it over: kubectl label KIND NAME -n NAMESPACE app.kubernetes.io/managed-by=Helm --overwrite; kubectl annotate KIND NAME -n NAMESPACE meta.helm.sh/release-name=${release.name} meta.helm.sh/release-namespace=${release.namespace} --overwrite.`,
    })
  if (jobs.length > 0)
    findings.push({
      name: 'job-of-another',
      severity: 'warning',
      about,
      message: `the chart would make the same Jobs, which are there already and not of the release: ${listed(jobs)}`,
      remedy:
        'See whose they are and whether they are done (kubectl describe job); then accept that they are deleted with their pods, and made anew by the chart: --accept job-of-another. Otherwise give the chart another name or namespace.',
    })
  return findings
}

/** Pure. */
export const jobChanges = ({ jobs }: InPlace): Change[] =>
  jobs.map(({ title, live }) => ({
    effect: 'delete',
    target: `object/${title.replace(' ', '/')}`,
    summary: `delete ${title}, which the release has not made`,
    detail: live.metadata.uid,
  }))

/** Takes these very Jobs out, with their pods, and waits until they are gone. @throws SlipwayError as `untilMet` says. */
export async function removeJobs(client: ClusterClient, { jobs }: InPlace, waiting: Waiting): Promise<void> {
  for (const { title, resource, live } of jobs) {
    waiting.tell(`delete ${title}`)
    const { uid } = live.metadata
    await client.remove(resource, live.metadata, { uid, propagation: 'Background', signal: waiting.signal })
  }
  await untilMet(client, jobs.map(goneCondition), waiting)
}

const mostListed = 10
const listed = (objects: readonly LiveObject[]): string => {
  const rest = objects.length - mostListed
  return `${objects.slice(0, mostListed).map(titled).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
