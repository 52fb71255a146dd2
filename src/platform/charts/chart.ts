import { z } from 'zod'
import { withClusterApi } from '../../clusters/clusterApi.ts'
import { overHosts } from '../../clusters/transient.ts'
import { clusterName } from '../../domain/names.ts'
import { type SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { Change, Decision, Stage, StageContext, Unmet } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import type { ChartFacts } from '../../helm/chartFile.ts'
import { installChart } from '../../helm/install.ts'
import { readRelease, type ReleaseState, secretOf } from '../../helm/release.ts'
import type { HelmTool } from '../../helm/tool.ts'
import { secrets } from '../../kubernetes/resources.ts'
import type { PlatformSession } from '../platformSession.ts'
import { releaseChanges, revisionMark, type WantedChart } from './changes.ts'
import { bringDefinitions, definitionChanges, ofOthers, type SeenDefinition, seenDefinitions } from './definitions.ts'
import { wantedChart } from './wantedChart.ts'
import { type Lack, lacksNow, untilReady, workloadsIn } from './workloads.ts'

const chartArguments = z.strictObject({
  cluster: clusterName,
  name: z.string(),
  namespace: z.string(),
  /** ms */
  timeout: z.int(),
  /** Stages of this plan that bring the API where it does not answer now; the first is the one that is named. */
  afterStages: z.array(z.string()),
})
type ChartArguments = z.infer<typeof chartArguments>

/** What stages of the platform have at hand. */
export interface PlatformSurroundings {
  sessionOf(cluster: string): PlatformSession
  helm(): Promise<HelmTool>
}

/** A chart of the user's own as a release of Helm. */
export const chartStage = defineStage({
  kind: 'platform/chart',
  arguments: chartArguments,
  stage: (given, { sessionOf, helm }: PlatformSurroundings) => chart(given, sessionOf(given.cluster), helm),
})

/** Labels of a release that is ours: of this installation, for this cluster. */
const ownLabels = ({ installation }: PlatformSession) => ({ 'slipway/installation': installation })

interface Observed {
  readonly wanted: WantedChart | null
  /** Why the chart cannot be read. */
  readonly chartError: SlipwayError | null
  readonly formed: boolean
  readonly apiError: SlipwayError | null
  readonly release: ReleaseState | null
  /** What its workloads lack, of a release that is in force. */
  readonly lacks: readonly Lack[]
  readonly definitions: readonly SeenDefinition[]
}

function chart(
  given: ChartArguments,
  session: PlatformSession,
  helm: () => Promise<HelmTool>,
): Stage<Observed, unknown, number> {
  const { name, namespace, timeout } = given
  const place = { namespace, name }
  const [until] = given.afterStages
  const key = `platform/release/${namespace}/${name}`
  const helmIn = async (
    { signal }: StageContext,
    environment: Readonly<Record<string, string>>,
  ): Promise<HelmSurroundings> => ({
    tool: await helm(),
    directory: session.directory,
    environment,
    signal,
  })

  const readWanted = async (context: StageContext) =>
    wantedChart({ name, namespace }, session, context, await helmIn(context, session.environment))

  /** One look at the cluster for the decision. */
  const look = (context: StageContext, facts: ChartFacts | null) =>
    context.observations.read(key, async () => {
      const { signal } = context
      return withClusterApi(session, signal, async client => {
        const release = await readRelease(client, place, { signal })
        const inForce = release?.newest.status === 'deployed' ? release.newest : null
        const lacks = inForce ? await lacksNow(client, workloadsIn(inForce.manifest, namespace), { signal }) : []
        return { release, lacks, definitions: await seenDefinitions(client, facts?.definitions ?? [], { signal }) }
      })
    })

  /** What Helm is needed for. */
  const helmChanges = ({ wanted, release, lacks }: Observed): Change[] => {
    if (!wanted) return []
    const changes = releaseChanges(wanted, release, session.hashKey)
    const gone = lacks.filter(lack => lack.gone).map(({ workload }) => workload)
    if (changes.length > 0 || gone.length === 0) return changes
    const summary = `bring back what is gone: ${gone.join(', ')}`
    return [{ effect: 'create', target: `release/${namespace}/${name}/chart`, summary, detail: gone }]
  }
  const changesIn = (observed: Observed): Change[] => {
    const changes = [...definitionChanges(observed.definitions), ...helmChanges(observed)]
    const lack = observed.lacks[0]
    if (changes.length === 0 && !lack) return []
    const because = changes.length === 0 && lack ? ` (${lack.workload}: ${lack.missing})` : ''
    const summary = `wait until its workloads are ready${because}`
    return [...changes, { effect: 'create', target: `release/${namespace}/${name}/ready`, summary }]
  }

  return {
    // What was seen last is told before the engine breaks off.
    timeout: timeout + 15_000,
    retry: overHosts,
    touches: [key],
    async observe(context) {
      const wanted = await attempt(readWanted(context), context.signal)
      const formed = (await session.secret('kubeconfig')) !== null
      const seen = formed ? await attempt(look(context, wanted.value?.facts ?? null), context.signal) : null
      return {
        wanted: wanted.value,
        chartError: wanted.error,
        formed,
        apiError: seen?.error ?? null,
        release: seen?.value?.release ?? null,
        lacks: seen?.value?.lacks ?? [],
        definitions: seen?.value?.definitions ?? [],
      }
    },
    checkPrerequisites({ chartError, apiError, release, definitions }): Unmet[] {
      const unmet: Unmet[] = []
      const about = `chart ${name}`
      if (chartError) unmet.push({ ...told(chartError), about })
      if (apiError) unmet.push({ ...told(apiError), about: 'the API of the cluster', providedBy: given.afterStages })
      const others = release && !isOurs(release, session) ? release.newest : null
      if (others)
        unmet.push({
          name: 'release-of-another',
          severity: 'error',
          about,
          message: `${namespace} has a release ${name} of ${others.chart.name} ${others.chart.version}, which Slipway has not made`,
          remedy: 'Give the chart another name or namespace in the cluster file; the other release is left as it is.',
        })
      for (const { wanted } of ofOthers(definitions, session.installation))
        unmet.push({
          name: 'definition-of-another',
          severity: 'warning',
          about,
          message: `the definition of ${wanted.metadata.name} is another one in the cluster, and Slipway has not brought it`,
          remedy:
            'See who uses it, and whether the one of this chart serves them as well; then accept that it is changed: --accept definition-of-another.',
        })
      return unmet
    },
    shouldRun(observed): Decision {
      const { formed, apiError } = observed
      if (!formed || apiError) {
        const reason = formed ? `the release is not seen: ${apiError?.message}` : 'the cluster is not there yet'
        return until === undefined
          ? { kind: 'skip', reason }
          : { kind: 'deferred', reason, until, effects: ['create', 'update'] }
      }
      const changes = changesIn(observed)
      if (changes.length > 0) return { kind: 'run', reason: `${name} is not as the cluster file says`, changes }
      const { facts } = observed.wanted ?? {}
      return {
        kind: 'skip',
        reason: facts ? `${facts.name} ${facts.version} is installed and ready` : 'its chart cannot be read',
      }
    },
    async execute(context, observed) {
      const { wanted, release, definitions } = observed
      const began = performance.now()
      const { signal } = context
      await withClusterApi(session, signal, async (client, reached) => {
        await bringDefinitions(client, definitions, session.installation, { signal, timeout })
        if (!wanted || helmChanges(observed).length === 0) return
        // A step of ours that was broken off: its Helm has been ended, and the next one goes on with what it left.
        if (release && release.newest.status.startsWith('pending-'))
          await client.remove(secrets, secretOf(release.newest), { uid: release.newest.uid, signal })
        await context.progress(`${wanted.facts.name} ${wanted.facts.version}: helm upgrade --install`)
        await installChart(
          {
            name,
            namespace,
            chart: wanted.packed,
            values: wanted.values,
            labels: ownLabels(session),
            description: revisionMark(wanted.digest),
            timeout,
          },
          reached,
          await helmIn(context, context.environment),
        )
      })
      return began
    },
    async waitForReady({ signal, progress }, began) {
      await withClusterApi(session, signal, async client => {
        const release = await readRelease(client, place, { signal })
        const wanted = workloadsIn(release?.deployed?.manifest ?? '', namespace)
        await untilReady(client, wanted, {
          signal,
          timeout: Math.max(1000, timeout - (began === null ? 0 : performance.now() - began)),
          tell: message => void progress(message),
        })
      })
    },
  }
}

const told = ({ code, message, remedy }: SlipwayError): Omit<Unmet, 'about'> => ({
  name: code,
  severity: 'error',
  message,
  remedy,
})

function isOurs({ newest }: ReleaseState, session: PlatformSession): boolean {
  return Object.entries(ownLabels(session)).every(([label, value]) => newest.labels[label] === value)
}

async function attempt<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<{ readonly value: T; readonly error: null } | { readonly value: null; readonly error: SlipwayError }> {
  try {
    return { value: await work, error: null }
  } catch (error) {
    signal.throwIfAborted()
    return { value: null, error: toSlipwayError(error) }
  }
}
