import { withClusterApi } from '../../clusters/clusterApi.ts'
import { overHosts } from '../../clusters/transient.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { Decision, Stage, StageContext, Unmet } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { installChart } from '../../helm/install.ts'
import { readRelease, type Release, type ReleaseState } from '../../helm/release.ts'
import type { HelmTool } from '../../helm/tool.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { namespaces } from '../../kubernetes/resources.ts'
import { attempt, type Attempted, notFormed, toldUnmet } from '../attempt.ts'
import { foundText } from '../components/found.ts'
import { terminating } from '../objects/terminating.ts'
import { whileGivingLogins } from '../prerequisites/accounts.ts'
import { readPlatform } from '../readPlatform.ts'
import { prepareAccounts } from './chartAccounts.ts'
import { helmAround } from '../helmAround.ts'
import type { PlatformSession } from '../platformSession.ts'
import { unmetNow, untilMet, waitingFor } from '../untilMet.ts'
import { revisionMark, type WantedChart } from './changes.ts'
import { bringDefinitions, definitionChanges, definitionFindings, seenDefinitions } from './definitions.ts'
import { refuseDropped } from './dropped.ts'
import { hiddenError } from './hidden.ts'
import { removeJobs } from './inPlace.ts'
import { type Rendered, renderedOffline, renderedOn } from './rendered.ts'
import { renderFindings } from './renderFindings.ts'
import { takeUpRelease } from './takeUp.ts'
import { changesIn, factsOf, helmChanges, type Observed, settingChanges } from './observed.ts'
import { adoptOrphans, orphanedDefinitions } from './orphans.ts'
import { isOwn, ownLabels } from '../ownLabels.ts'
import type { ReleaseSubject } from './releaseSubject.ts'
import { overOthers, takenError } from './taken.ts'
import { releaseOfAnother } from './releaseOfAnother.ts'
import { type Lack, lacksNow, untilReady, workloadsIn } from './workloads.ts'

type Rendering = Pick<Observed, 'wanted' | 'release' | 'lacks' | 'orphans'> & { readonly seesCluster: boolean }

/** Whether no step of it was broken off. */
const isWhole = ({ status }: Release): boolean => status === 'deployed' || status === 'failed'

/** Other distributions have versions of their own. */
const isOfKubernetes = (version: string): boolean => /^v1\.\d+\.\d+/.test(version)

/** A chart as a release of Helm: installed, made as it is wanted, waited for, brought back. */
export function releaseStage(
  subject: ReleaseSubject,
  session: PlatformSession,
  helm: () => Promise<HelmTool>,
): Stage<Observed, unknown, number> {
  const { about, name, namespace, timeout, others } = subject
  const place = { namespace, name }
  const [until] = subject.afterStages
  const key = `platform/release/${namespace}/${name}`
  const labels = ownLabels(session)
  const helmIn = (context: StageContext, environment: HelmSurroundings['environment']) =>
    helmAround(session, helm, context, environment)

  const isOurs = (release: ReleaseState | null): boolean => release !== null && isOwn(release.newest, labels)

  /** Of workloads first: what else is missing may be for that. */
  const lacksOf = async (client: ClusterClient, manifest: string, call: Call): Promise<Lack[]> => {
    const conditions = (await subject.conditions?.()) ?? []
    const unmet = await unmetNow(client, conditions, call)
    return [
      ...(await lacksNow(client, workloadsIn(manifest, namespace), call)),
      ...unmet.map(({ title, missing }) => ({ workload: title, missing, gone: false })),
    ]
  }

  /** Whether somebody else was faster. */
  const isTaken = async (client: ClusterClient, call: Call): Promise<boolean> => {
    if (!others) return false
    const release = await readRelease(client, place, call)
    return release ? !isOurs(release) : (await others.detect(client, { ...place, labels }, call)).state === 'anothers'
  }

  /** What stands on the cluster, by itself. */
  const look = (context: StageContext) =>
    context.observations.read(key, () =>
      withClusterApi(session, context.signal, async client => {
        const call = { signal: context.signal }
        const release = await readRelease(client, place, call)
        const detected = isOurs(release) ? null : await others?.detect(client, { ...place, labels }, call)
        if (detected?.state === 'anothers')
          return { release, isGoing: false, lacks: [], orphans: [], used: detected.found }
        const around = await client.get(namespaces, { name: namespace }, call)
        const isGoing = around?.metadata.deletionTimestamp !== undefined
        const inForce = release?.newest.status === 'deployed' ? release.newest : null
        const lacks = inForce ? await lacksOf(client, inForce.manifest, call) : []
        const orphans = await orphanedDefinitions(client, others?.definitions ?? [], place, call)
        return { release, isGoing, lacks, orphans, used: null }
      }),
    )
  const definitionsOf = ({ facts }: WantedChart, context: StageContext) =>
    context.observations.read(`${key}/definitions`, () =>
      withClusterApi(session, context.signal, client => seenDefinitions(client, facts.definitions, context)),
    )

  /** Only what Helm is needed for, and may do, is rendered. */
  const renderedOf = async (
    context: StageContext,
    { wanted, release, lacks, orphans, seesCluster }: Rendering,
  ): Promise<Attempted<Rendered> | null> => {
    if (!wanted || (release && !isOurs(release))) return null
    if (seesCluster && helmChanges({ wanted, release, lacks }, of).length === 0) return null
    const around = await helmIn(context, session.environment)
    // A step that was broken off is taken up before anything else: Helm renders nothing over it.
    if (!seesCluster || (release && !isWhole(release.newest))) {
      const { version } = (await session.desired()).spec
      return attempt(renderedOffline(wanted, isOfKubernetes(version) ? version : null, around), context.signal)
    }
    const present = release && (release.deployed ?? release.newest)
    const at = { present, labels, timeout, adopted: orphans.map(orphan => orphan.name) }
    const found = context.observations.read(`${key}/rendered`, () =>
      withClusterApi(session, context.signal, (client, reached) => renderedOn(client, wanted, at, reached, around)),
    )
    return attempt(found, context.signal)
  }

  const givesLogins = async () => (await readPlatform(session)).image_pull_secret !== undefined
  const withGivenLogins = async <Result>(
    client: ClusterClient,
    call: Call,
    work: () => Promise<Result>,
    except: readonly string[] = [],
  ) => ((await givesLogins()) ? whileGivingLogins(client, { namespace, except }, call, work) : work())

  const of = { ...place, hashKey: session.hashKey }

  return {
    // What was seen last is told before the engine breaks off.
    timeout: timeout + 15_000,
    retry: others ? overOthers : overHosts,
    touches: [key],
    async observe(context) {
      const { signal } = context
      const formed = (await session.secret('kubeconfig')) !== null
      const seen = formed ? await attempt(look(context), signal) : null
      const used = seen?.value?.used ?? null
      // What somebody else has brought needs no chart of ours, which may lie where nobody gets at it.
      const wanted = used
        ? null
        : await attempt(
            helmIn(context, session.environment).then(around => subject.read(context, around)),
            signal,
          )
      const definitions =
        wanted?.value && seen?.value ? await attempt(definitionsOf(wanted.value, context), signal) : null
      const found = {
        wanted: wanted?.value ?? null,
        release: seen?.value?.release ?? null,
        lacks: seen?.value?.lacks ?? [],
        orphans: seen?.value?.orphans ?? [],
      }
      const isGoing = seen?.value?.isGoing ?? false
      const seesCluster = (seen?.value ?? null) !== null
      return {
        ...found,
        // Nothing is made in a namespace that goes.
        rendered: isGoing ? null : await renderedOf(context, { ...found, seesCluster }),
        chartError: wanted?.error ?? null,
        formed,
        apiError: seen?.error ?? definitions?.error ?? null,
        isGoing,
        definitions: definitions?.value ?? [],
        used,
      }
    },
    checkPrerequisites({ formed, chartError, apiError, release, isGoing, definitions, rendered, used }): Unmet[] {
      if (used) return others?.check(used) ?? []
      const unmet: Unmet[] = formed || until !== undefined ? [] : [notFormed(session.cluster)]
      if (chartError) unmet.push({ ...toldUnmet(chartError), about })
      if (apiError)
        unmet.push({ ...toldUnmet(apiError), about: 'the API of the cluster', providedBy: subject.afterStages })
      if (isGoing) unmet.push({ ...terminating(namespace), about })
      if (release && !isOurs(release)) unmet.push(releaseOfAnother(release.newest, about))
      if (rendered?.error) unmet.push({ ...toldUnmet(rendered.error), about })
      if (rendered?.value) unmet.push(...renderFindings(rendered.value, { ...place, ...subject }))
      unmet.push(...definitionFindings(definitions, session.installation, about))
      return unmet
    },
    shouldRun(observed): Decision {
      const { formed, apiError, used } = observed
      if (!formed || apiError) {
        const doubt = observed.rendered?.value?.doubt ?? null
        const reason = [
          formed ? `the release is not seen: ${apiError?.message}` : 'the cluster is not there yet',
          ...(doubt === null
            ? []
            : [`without it the chart is not rendered, which may be another matter there: ${doubt}`]),
        ].join('; ')
        return until === undefined
          ? { kind: 'skip', reason, facts: factsOf(observed, false, place) }
          : { kind: 'deferred', reason, until, effects: ['create', 'update'] }
      }
      const differs = [...definitionChanges(observed.definitions), ...settingChanges(observed, of)].length > 0
      const facts = factsOf(observed, differs, place)
      if (used) return { kind: 'skip', reason: `that of somebody else is used: ${foundText(used)}`, facts }
      const changes = changesIn(observed, of)
      if (changes.length > 0) return { kind: 'run', reason: `${name} is not as the cluster file says`, changes, facts }
      const chart = observed.wanted?.facts
      return {
        kind: 'skip',
        facts,
        reason: chart ? `${chart.name} ${chart.version} is installed and ready` : 'its chart cannot be read',
      }
    },
    async execute(context, observed) {
      const { wanted, release, definitions, orphans } = observed
      const began = performance.now()
      const { signal } = context
      await withClusterApi(session, signal, async (client, reached) => {
        await bringDefinitions(client, definitions, session.installation, { signal, timeout })
        await adoptOrphans(client, orphans, place, { signal })
        if (!wanted || helmChanges(observed, of).length === 0) return
        const around = await helmIn(context, context.environment)
        if (release) await takeUpRelease(client, release, timeout, reached, around)
        const { fit = null } = observed.rendered?.value ?? {}
        if (fit) await removeJobs(client, fit.inPlace, waitingFor(context, timeout, began))
        if (release && !fit) await refuseDropped(client, { about, wanted }, { labels, timeout }, reached, around)
        if (fit && (await givesLogins())) await prepareAccounts(client, fit.accounts, place, { signal })
        await context.progress(
          `${wanted.facts.name} ${wanted.facts.version}: helm ${release === null ? 'install' : 'upgrade --install'}`,
        )
        const { packed: chart, values, digest } = wanted
        const description = revisionMark(digest)
        const isNew = release === null
        const installation = { name, namespace, chart, values, labels, description, timeout, isNew }
        const installing = () => installChart(installation, reached, around)
        await withGivenLogins(client, { signal }, installing, fit?.accounts.choosing).catch(async (error: unknown) => {
          if (await isTaken(client, { signal })) throw takenError(about, error)
          throw error instanceof SlipwayError ? hiddenError(error, wanted) : error
        })
      })
      return began
    },
    async waitForReady(context, began) {
      const { signal } = context
      await withClusterApi(session, signal, async client => {
        const release = await readRelease(client, place, { signal })
        const wanted = workloadsIn(release?.deployed?.manifest ?? '', namespace)
        const waiting = waitingFor(context, timeout, began)
        const conditions = (await subject.conditions?.()) ?? []
        await withGivenLogins(client, { signal }, () =>
          Promise.all([untilReady(client, wanted, waiting), untilMet(client, conditions, waiting)]),
        )
      })
    },
  }
}
