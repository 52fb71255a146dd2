import { withClusterApi } from '../../clusters/clusterApi.ts'
import { overHosts } from '../../clusters/transient.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { AttemptContext, Decision, Stage, StageContext, Unmet } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { installChart } from '../../helm/install.ts'
import type { Reached } from '../../helm/onCluster.ts'
import { readRelease, type ReleaseState } from '../../helm/release.ts'
import type { HelmTool } from '../../helm/tool.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { notFormed, toldUnmet } from '../attempt.ts'
import { foundText } from '../components/found.ts'
import { helmAround } from '../helmAround.ts'
import { terminating } from '../objects/terminating.ts'
import { isOwn, ownLabels } from '../ownLabels.ts'
import type { PlatformSession } from '../platformSession.ts'
import { whileGivingLogins } from '../prerequisites/accounts.ts'
import { readPlatform } from '../readPlatform.ts'
import { untilMet, waitingFor } from '../untilMet.ts'
import { revisionMark, type WantedChart } from './changes.ts'
import { accountsOf, prepareAccounts } from './chartAccounts.ts'
import { bringDefinitions, definitionFindings } from './definitions.ts'
import { refuseDropped } from './dropped.ts'
import { hidden, hiddenError } from './hidden.ts'
import { tellingHooks } from './hooks.ts'
import { removeJobs } from './inPlace.ts'
import { changesIn, factsOf, type Observed, settingChanges } from './observed.ts'
import { observeRelease } from './observeRelease.ts'
import { adoptOrphans } from './orphans.ts'
import { releaseOfAnother } from './releaseOfAnother.ts'
import type { ReleaseSubject } from './releaseSubject.ts'
import { renderFindings } from './renderFindings.ts'
import { putRight, standingFindings } from './standing.ts'
import { takeUpRelease } from './takeUp.ts'
import { overOthers, takenError } from './taken.ts'
import { untilReady, workloadsIn } from './workloads.ts'

/** How Helm is called, and when the stage has begun to act, by `performance.now()`. */
interface ByHelm {
  readonly reached: Reached
  readonly around: HelmSurroundings
  readonly began: number
}

/** A chart as a release of Helm: installed, made as it is wanted, waited for, brought back. */
export function releaseStage(
  subject: ReleaseSubject,
  session: PlatformSession,
  helm: () => Promise<HelmTool>,
): Stage<Observed, unknown, number> {
  const { about, name, namespace, timeout, others } = subject
  const place = { namespace, name }
  const of = { ...place, hashKey: session.hashKey }
  const [until] = subject.afterStages
  const key = `platform/release/${namespace}/${name}`
  const labels = ownLabels(session)
  const helmIn = (context: StageContext, environment: HelmSurroundings['environment']) =>
    helmAround(session, helm, context, environment)

  const isOurs = (release: ReleaseState | null): boolean => release !== null && isOwn(release.newest, labels)

  /** Whether somebody else was faster. */
  const isTaken = async (client: ClusterClient, call: Call): Promise<boolean> => {
    if (!others) return false
    const release = await readRelease(client, place, call)
    return release ? !isOurs(release) : (await others.detect(client, { ...place, labels }, call)).state === 'anothers'
  }

  const givesLogins = async () => (await readPlatform(session)).image_pull_secret !== undefined
  const withGivenLogins = async <Result>(
    client: ClusterClient,
    call: Call,
    work: () => Promise<Result>,
    but: Omit<Parameters<typeof whileGivingLogins>[1], 'namespace'> = {},
  ) => ((await givesLogins()) ? whileGivingLogins(client, { namespace, ...but }, call, work) : work())

  /** What Helm does: the release becomes what is wanted. */
  const makeRelease = async (
    client: ClusterClient,
    wanted: WantedChart,
    { release, rendered, edited }: Observed,
    context: AttemptContext,
    { reached, around, began }: ByHelm,
  ): Promise<void> => {
    const { signal } = context
    // What pods say at their end may quote their settings.
    const telling = { signal, progress: (words: string) => context.progress(hidden(words, wanted)) }
    if (release)
      await tellingHooks(client, place, telling, () => takeUpRelease(client, release, timeout, reached, around))
    const fit = rendered?.value?.fit ?? null
    if (fit) await removeJobs(client, fit.inPlace, waitingFor(context, timeout, began))
    if (release && !fit) await refuseDropped(client, { about, wanted }, { labels, timeout }, reached, around)
    const later = fit && (await givesLogins()) ? await prepareAccounts(client, fit.accounts, place, { signal }) : null
    const but = { ...(fit && { except: fit.accounts.choosing }), ...(later && { later }) }
    const isNew = release === null
    const { name: chartName, version } = wanted.facts
    await context.progress(`${chartName} ${version}: helm ${isNew ? 'install' : 'upgrade --install'}`)
    const { packed: chart, values, digest } = wanted
    const description = revisionMark(digest)
    const isForced = edited.length > 0 && release?.newest.byServer === true
    const installation = { name, namespace, chart, values, labels, description, timeout, isNew, overOthers: isForced }
    const installing = () => tellingHooks(client, place, telling, () => installChart(installation, reached, around))
    await withGivenLogins(client, { signal }, installing, but).catch(async (error: unknown) => {
      if (await isTaken(client, { signal })) throw takenError(about, error)
      throw error instanceof SlipwayError ? hiddenError(error, wanted) : error
    })
    if (edited.length === 0) return
    // Of what it does not change itself Helm may leave something.
    const after = await readRelease(client, place, { signal })
    if (after?.deployed) await putRight(client, after.deployed, context)
  }

  /** What the release has made becomes what it says, without Helm. */
  const mendRelease = async (client: ClusterClient, { release, gone }: Observed, context: AttemptContext) => {
    const deployed = release?.deployed
    if (!deployed) return
    const { signal } = context
    const { fresh } = accountsOf(
      gone.map(one => one.wanted),
      new Set(),
      namespace,
    )
    if (await givesLogins()) await prepareAccounts(client, { fresh, bare: [], choosing: [] }, place, { signal })
    await withGivenLogins(client, { signal }, () => putRight(client, deployed, context))
  }

  return {
    // What was seen last is told before the engine breaks off.
    timeout: timeout + 15_000,
    retry: others ? overOthers : overHosts,
    touches: [key],
    observe: context => observeRelease(context, subject, session, key, () => helmIn(context, session.environment)),
    checkPrerequisites(observed): Unmet[] {
      const { formed, chartError, apiError, release, isGoing, definitions, rendered, used } = observed
      if (used) return others?.check(used) ?? []
      const unmet: Unmet[] = formed || until !== undefined ? [] : [notFormed(session.cluster)]
      if (chartError) unmet.push({ ...toldUnmet(chartError), about })
      if (apiError)
        unmet.push({ ...toldUnmet(apiError), about: 'the API of the cluster', providedBy: subject.afterStages })
      if (isGoing) unmet.push({ ...terminating(namespace), about })
      if (release && !isOurs(release)) unmet.push(releaseOfAnother(release.newest, about))
      unmet.push(...standingFindings(observed, place, about))
      if (rendered?.error) unmet.push({ ...toldUnmet(rendered.error), about })
      if (rendered?.value) unmet.push(...renderFindings(rendered.value, { ...place, ...subject }))
      unmet.push(...definitionFindings(definitions, session.installation, about))
      return unmet
    },
    shouldRun(observed): Decision {
      const { formed, apiError, used } = observed
      const facts = factsOf(observed, of)
      if (!formed || apiError) {
        const doubt = observed.rendered?.value?.doubt ?? null
        const reason = [
          formed ? `the release is not seen: ${apiError?.message}` : 'the cluster is not there yet',
          ...(doubt === null
            ? []
            : [`without it the chart is not rendered, which may be another matter there: ${doubt}`]),
        ].join('; ')
        return until === undefined
          ? { kind: 'skip', reason, facts }
          : { kind: 'deferred', reason, until, effects: ['create', 'update'] }
      }
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
      const { wanted, definitions, orphans } = observed
      const began = performance.now()
      const { signal } = context
      await withClusterApi(session, signal, async (client, reached) => {
        await bringDefinitions(client, definitions, session.installation, { signal, timeout })
        await adoptOrphans(client, orphans, place, { signal })
        if (!wanted) return
        if (settingChanges(observed, of).length === 0) return mendRelease(client, observed, context)
        const around = await helmIn(context, context.environment)
        await makeRelease(client, wanted, observed, context, { reached, around, began })
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
