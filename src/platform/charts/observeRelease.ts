import { withClusterApi } from '../../clusters/clusterApi.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { readRelease, type Release, type ReleaseState } from '../../helm/release.ts'
import { namespaces } from '../../kubernetes/resources.ts'
import { attempt, type Attempted } from '../attempt.ts'
import { isOwn, ownLabels } from '../ownLabels.ts'
import type { PlatformSession } from '../platformSession.ts'
import type { WantedChart } from './changes.ts'
import { seenDefinitions } from './definitions.ts'
import { type Observed, settingChanges } from './observed.ts'
import { orphanedDefinitions } from './orphans.ts'
import type { ReleaseSubject } from './releaseSubject.ts'
import { type Rendered, renderedOffline, renderedOn } from './rendered.ts'
import { nothingSeen, standingOf } from './standing.ts'
import { readPresent } from './stepsBack.ts'

type Rendering = Pick<Observed, 'wanted' | 'release' | 'orphans'> & { readonly seesCluster: boolean }

/** Whether no step of it was broken off. */
const isWhole = ({ status }: Release): boolean => status === 'deployed' || status === 'failed'

/** Other distributions have versions of their own. */
const isOfKubernetes = (version: string): boolean => /^v1\.\d+\.\d+/.test(version)

/**
 * Looks at what there is of a release, at its chart, and at what would come of it.
 * @param key of what is seen, which is asked once for all stages.
 */
export async function observeRelease(
  context: StageContext,
  subject: ReleaseSubject,
  session: PlatformSession,
  key: string,
  around: () => Promise<HelmSurroundings>,
): Promise<Observed> {
  const { name, namespace, timeout, others } = subject
  const { signal } = context
  const place = { namespace, name }
  const labels = ownLabels(session)
  const isOurs = (release: ReleaseState | null): boolean => release !== null && isOwn(release.newest, labels)

  /** What stands on the cluster, by itself. */
  const look = () =>
    context.observations.read(key, () =>
      withClusterApi(session, signal, async client => {
        const call = { signal }
        const release = await readRelease(client, place, call)
        const detected = isOurs(release) ? null : await others?.detect(client, { ...place, labels }, call)
        if (detected?.state === 'anothers')
          return { ...nothingSeen, release, isGoing: false, orphans: [], used: detected.found }
        const outer = await client.get(namespaces, { name: namespace }, call)
        const isGoing = outer?.metadata.deletionTimestamp !== undefined
        const inForce = isOurs(release) && release?.newest.status === 'deployed' ? release.newest : null
        const conditions = (await subject.conditions?.()) ?? []
        const standing = inForce ? await standingOf(client, inForce, conditions, context) : nothingSeen
        const orphans = await orphanedDefinitions(client, others?.definitions ?? [], place, call)
        return { release, isGoing, ...standing, orphans, used: null }
      }),
    )
  const definitionsOf = ({ facts }: WantedChart) =>
    context.observations.read(`${key}/definitions`, () =>
      withClusterApi(session, signal, client => seenDefinitions(client, facts.definitions, context)),
    )

  /** Only what Helm is needed for, and may do, is rendered. */
  const renderedOf = async (of: Rendering): Promise<Attempted<Rendered> | null> => {
    const { wanted, release, orphans, seesCluster } = of
    if (!wanted || (release && !isOurs(release))) return null
    if (seesCluster && settingChanges(of, { ...place, hashKey: session.hashKey }).length === 0) return null
    const surroundings = await around()
    // A step that was broken off is taken up before anything else: Helm renders nothing over it.
    if (!seesCluster || (release && !isWhole(release.newest))) {
      const { version } = (await session.desired()).spec
      return attempt(renderedOffline(wanted, isOfKubernetes(version) ? version : null, surroundings), signal)
    }
    const adopted = orphans.map(orphan => orphan.name)
    const found = context.observations.read(`${key}/rendered`, () =>
      withClusterApi(session, signal, async (client, reached) => {
        const present = release && (release.deployed ?? (await readPresent(client, place, { signal })))
        return renderedOn(client, wanted, { present, labels, timeout, adopted }, reached, surroundings)
      }),
    )
    return attempt(found, signal)
  }

  const formed = (await session.secret('kubeconfig')) !== null
  const seen = formed ? await attempt(look(), signal) : null
  const { used, isGoing, release, orphans, lacks, gone, edited, ofOthers } = seen?.value ?? unseen
  // What somebody else has brought needs no chart of ours, which may lie where nobody gets at it.
  const read = used
    ? null
    : await attempt(
        around().then(surroundings => subject.read(context, surroundings)),
        signal,
      )
  const wanted = read?.value ?? null
  const definitions = wanted && seen?.value ? await attempt(definitionsOf(wanted), signal) : null
  const seesCluster = (seen?.value ?? null) !== null
  return {
    wanted,
    chartError: read?.error ?? null,
    formed,
    apiError: seen?.error ?? definitions?.error ?? null,
    release,
    isGoing,
    lacks,
    gone,
    edited,
    ofOthers,
    definitions: definitions?.value ?? [],
    orphans,
    // Nothing is made in a namespace that goes.
    rendered: isGoing ? null : await renderedOf({ wanted, release, orphans, seesCluster }),
    used,
  }
}

const unseen = { ...nothingSeen, release: null, isGoing: false, orphans: [], used: null }
