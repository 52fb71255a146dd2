import { withClusterApi } from '../../clusters/clusterApi.ts'
import { overHosts } from '../../clusters/transient.ts'
import type { PlatformFacts } from '../../contract/platform.ts'
import type { SlipwayError } from '../../domain/errors.ts'
import type { Change, Decision, Stage, StageContext, Unmet } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { installChart } from '../../helm/install.ts'
import { readRelease, type ReleaseState } from '../../helm/release.ts'
import type { HelmTool } from '../../helm/tool.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { namespaces } from '../../kubernetes/resources.ts'
import { attempt, notFormed, toldUnmet } from '../attempt.ts'
import { foundFacts, foundText } from '../components/found.ts'
import type { FoundInstallation } from '../contract.ts'
import type { Going } from '../removal/whatGoes.ts'
import { terminating } from '../objects/terminating.ts'
import { editChanges, goneChanges } from '../byHand/changes.ts'
import { helmAround } from '../helmAround.ts'
import type { PlatformSession } from '../platformSession.ts'
import { untilMet, waitingFor } from '../untilMet.ts'
import { releaseChanges, revisionMark, type WantedChart } from './changes.ts'
import {
  bringDefinitions,
  definitionChanges,
  definitionFindings,
  type SeenDefinition,
  seenDefinitions,
} from './definitions.ts'
import { droppedBy, refuseDropped, whyNotDropped } from './dropped.ts'
import { tellingHooks } from './hooks.ts'
import { takeUpRelease } from './takeUp.ts'
import { adoptOrphans, type Orphan, orphanChanges, orphanedDefinitions } from './orphans.ts'
import { isOwn, ownLabels } from '../ownLabels.ts'
import type { ReleaseSubject } from './releaseSubject.ts'
import { overOthers, takenError } from './taken.ts'
import { releaseOfAnother } from './releaseOfAnother.ts'
import { nothingSeen, putRight, type ReleaseStanding, standingFindings, standingOf } from './standing.ts'
import { untilReady, workloadsIn } from './workloads.ts'

interface Observed extends ReleaseStanding {
  readonly wanted: WantedChart | null
  /** Why the chart cannot be read. */
  readonly chartError: SlipwayError | null
  readonly formed: boolean
  readonly apiError: SlipwayError | null
  readonly release: ReleaseState | null
  /** Whether its namespace is being deleted. */
  readonly isGoing: boolean
  readonly definitions: readonly SeenDefinition[]
  readonly orphans: readonly Orphan[]
  /** What the release has and the chart has no more; null: nothing, or nobody can tell before it is tried. */
  readonly dropped: Going | null
  /** Of somebody else, and used in place of a release of ours. */
  readonly used: FoundInstallation | null
}

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
          return { ...nothingSeen, release, isGoing: false, orphans: [], used: detected.found }
        const around = await client.get(namespaces, { name: namespace }, call)
        const isGoing = around?.metadata.deletionTimestamp !== undefined
        const inForce = isOurs(release) && release?.newest.status === 'deployed' ? release.newest : null
        const conditions = (await subject.conditions?.()) ?? []
        const standing = inForce ? await standingOf(client, inForce, conditions, context) : nothingSeen
        const orphans = await orphanedDefinitions(client, others?.definitions ?? [], place, call)
        return { release, isGoing, ...standing, orphans, used: null }
      }),
    )
  const definitionsOf = ({ facts }: WantedChart, context: StageContext) =>
    context.observations.read(`${key}/definitions`, () =>
      withClusterApi(session, context.signal, client => seenDefinitions(client, facts.definitions, context)),
    )

  /** What Helm cannot render stands in nobody's way here: that it is refused is told when it is tried. */
  const droppedOf = async (
    context: StageContext,
    seen: Pick<Observed, 'wanted' | 'release'>,
  ): Promise<Going | null> => {
    const { wanted, release } = seen
    if (!wanted || !release || !isOurs(release) || settingChanges(seen).length === 0) return null
    const around = await helmIn(context, session.environment)
    const found = context.observations.read(`${key}/dropped`, () =>
      withClusterApi(session, context.signal, (client, reached) =>
        droppedBy(client, release.deployed ?? release.newest, wanted, { labels, timeout }, reached, around),
      ),
    )
    return (await attempt(found, context.signal)).value
  }

  const settingChanges = ({ wanted, release }: Pick<Observed, 'wanted' | 'release'>): Change[] =>
    wanted ? releaseChanges(wanted, release, session.hashKey) : []
  const changesIn = (observed: Observed): Change[] => {
    const settings = settingChanges(observed)
    const changes = [
      ...definitionChanges(observed.definitions),
      ...orphanChanges(observed.orphans),
      ...settings,
      ...goneChanges(observed.gone, place),
      ...editChanges(observed.edited, place, settings.length > 0, session.hashKey),
      ...(observed.dropped?.objects ?? []).map(({ title }): Change => {
        const target = `release/${namespace}/${name}/${title.replace(' ', '/')}`
        return { effect: 'delete', target, summary: `delete ${title}, which the chart has no more` }
      }),
    ]
    const lack = observed.lacks[0]
    if (changes.length === 0 && !lack) return []
    const because = changes.length === 0 && lack ? ` (${lack.title}: ${lack.missing})` : ''
    const summary = `wait until its workloads are ready${because}`
    return [...changes, { effect: 'create', target: `release/${namespace}/${name}/ready`, summary }]
  }

  /** How it stands, beside what is to be done about it. */
  const factsOf = ({ formed, apiError, release, lacks, used }: Observed, differs: boolean): PlatformFacts => {
    if (used) return { state: 'external', ...foundFacts(used) }
    if (apiError) return { state: 'unknown' }
    if (!formed || !release) return { state: 'absent' }
    const { deployed } = release
    const there = { where: `release ${namespace}/${name}`, version: deployed?.chart.version ?? null }
    if (!deployed) return { state: 'not-ready', ...there }
    return { state: differs ? 'differs' : lacks.length > 0 ? 'not-ready' : 'ready', ...there }
  }

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
      }
      const { lacks, gone, edited, ofOthers } = seen?.value ?? nothingSeen
      return {
        ...found,
        lacks,
        gone,
        edited,
        ofOthers,
        dropped: await droppedOf(context, found),
        chartError: wanted?.error ?? null,
        formed,
        apiError: seen?.error ?? definitions?.error ?? null,
        isGoing: seen?.value?.isGoing ?? false,
        definitions: definitions?.value ?? [],
        orphans: seen?.value?.orphans ?? [],
        used,
      }
    },
    checkPrerequisites(observed): Unmet[] {
      const { formed, chartError, apiError, release, isGoing, definitions, dropped, used } = observed
      if (used) return others?.check(used) ?? []
      const unmet: Unmet[] = formed || until !== undefined ? [] : [notFormed(session.cluster)]
      if (chartError) unmet.push({ ...toldUnmet(chartError), about })
      if (apiError)
        unmet.push({ ...toldUnmet(apiError), about: 'the API of the cluster', providedBy: subject.afterStages })
      if (isGoing) unmet.push({ ...terminating(namespace), about })
      if (release && !isOurs(release)) unmet.push(releaseOfAnother(release.newest, about))
      unmet.push(...standingFindings(observed, place, about))
      if (dropped) unmet.push(...whyNotDropped(dropped, place, about))
      unmet.push(...definitionFindings(definitions, session.installation, about))
      return unmet
    },
    shouldRun(observed): Decision {
      const { formed, apiError, used } = observed
      if (!formed || apiError) {
        const reason = formed ? `the release is not seen: ${apiError?.message}` : 'the cluster is not there yet'
        return until === undefined
          ? { kind: 'skip', reason, facts: factsOf(observed, false) }
          : { kind: 'deferred', reason, until, effects: ['create', 'update'] }
      }
      const { definitions, edited } = observed
      // One that is scaled to 0 is as it is to be but for that.
      const changed = edited.filter(({ pods, changes }) => pods === null || changes.length > 1)
      const differs = [...definitionChanges(definitions), ...settingChanges(observed), ...changed].length > 0
      const facts = factsOf(observed, differs)
      if (used) return { kind: 'skip', reason: `that of somebody else is used: ${foundText(used)}`, facts }
      const changes = changesIn(observed)
      if (changes.length > 0) return { kind: 'run', reason: `${name} is not as the cluster file says`, changes, facts }
      const chart = observed.wanted?.facts
      return {
        kind: 'skip',
        facts,
        reason: chart ? `${chart.name} ${chart.version} is installed and ready` : 'its chart cannot be read',
      }
    },
    async execute(context, observed) {
      const { wanted, release, definitions, orphans, edited } = observed
      const began = performance.now()
      const { signal } = context
      await withClusterApi(session, signal, async (client, reached) => {
        await bringDefinitions(client, definitions, session.installation, { signal, timeout })
        await adoptOrphans(client, orphans, place, { signal })
        if (!wanted) return
        if (settingChanges(observed).length === 0) {
          if (release?.deployed) await putRight(client, release.deployed, context)
          return
        }
        const around = await helmIn(context, context.environment)
        if (release)
          await tellingHooks(client, place, context, () => takeUpRelease(client, release, timeout, reached, around))
        if (release && !observed.dropped)
          await refuseDropped(client, { about, wanted }, { labels, timeout }, reached, around)
        await context.progress(`${wanted.facts.name} ${wanted.facts.version}: helm upgrade --install`)
        const installed = tellingHooks(client, place, context, () =>
          installChart(
            {
              name,
              namespace,
              chart: wanted.packed,
              values: wanted.values,
              labels,
              description: revisionMark(wanted.digest),
              overOthers: edited.length > 0 && release?.newest.byServer === true,
              timeout,
            },
            reached,
            around,
          ),
        )
        await installed.catch(async (error: unknown) => {
          throw (await isTaken(client, { signal })) ? takenError(about, error) : error
        })
        if (edited.length === 0) return
        // Of what it does not change itself Helm may leave something.
        const after = await readRelease(client, place, { signal })
        if (after?.deployed) await putRight(client, after.deployed, context)
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
        await Promise.all([untilReady(client, wanted, waiting), untilMet(client, conditions, waiting)])
      })
    },
  }
}
