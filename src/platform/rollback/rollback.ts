import { z } from 'zod'
import { withClusterApi } from '../../clusters/clusterApi.ts'
import { overHosts } from '../../clusters/transient.ts'
import { clusterName } from '../../domain/names.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { Change, Decision, Stage, StageContext, Unmet } from '../../engine/contract/stage.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import { helmOwner, isSameRelease } from '../../helm/owner.ts'
import { readRelease, type Release, type ReleaseHistory } from '../../helm/release.ts'
import { rollBackRelease } from '../../helm/takeBack.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { attempt, type Attempted, notFormed, toldUnmet } from '../attempt.ts'
import { helmAround } from '../helmAround.ts'
import { isOwn, ownLabels } from '../ownLabels.ts'
import { tellingHooks } from '../charts/hooks.ts'
import { releaseText } from '../charts/releaseText.ts'
import { forgetStepsBack, withoutStepsBack } from '../charts/stepsBack.ts'
import { toldChange, valueChanges } from '../charts/valueChanges.ts'
import { untilReady, workloadsIn } from '../charts/workloads.ts'
import type { PlatformSession } from '../platformSession.ts'
import { readPlatform } from '../readPlatform.ts'
import type { PlatformSurroundings } from '../surroundings.ts'
import { liveObjects, without } from '../removal/leaving.ts'
import { type OwnHistories, ownHistories } from '../removal/ownHistories.ts'
import { ambiguous } from '../removal/removal.ts'
import { waitingFor } from '../untilMet.ts'
import { type Going, whatGoes, whyStaying } from '../removal/whatGoes.ts'
import { type Target, targetOf } from './target.ts'
import { waysOn } from './waysOn.ts'

const rollbackArguments = z.strictObject({
  cluster: clusterName,
  /** Of a component or a chart, and of its release. */
  name: z.string(),
  /** `component operator-pgo` */
  about: z.string(),
  /** Null: wherever its release is. */
  namespace: z.string().nullable(),
  /** Null: the last one that was in force before the present one. */
  revision: z.int().nullable(),
  /** ms */
  timeout: z.int(),
})
type RollbackArguments = z.infer<typeof rollbackArguments>

interface Look extends OwnHistories {
  /** Of the one that is meant. */
  readonly meant: Meant | null
}

interface Meant {
  readonly newest: Release
  /** What is there: the newest one, or the one before steps back that were broken off. */
  readonly present: Release
  readonly target: Target
  /** What only the present revision has. */
  readonly going: Going | null
  /** Titles of objects that only the earlier revision has, and that somebody else has by now. */
  readonly taken: readonly string[]
  /** What is to be known afterwards. */
  readonly notes: readonly string[]
}

interface Observed {
  readonly formed: boolean
  readonly look: Attempted<Look> | null
}

/** A release of ours goes back to an earlier revision. */
export const rollbackStage = defineStage({
  kind: 'platform/rollback',
  arguments: rollbackArguments,
  stage: (given, { sessionOf, helm }: PlatformSurroundings): Stage<Observed, unknown, number> =>
    stageOf(given, sessionOf(given.cluster), helm),
})

function stageOf(
  { cluster, name, about, namespace, revision, timeout }: RollbackArguments,
  session: PlatformSession,
  helm: PlatformSurroundings['helm'],
): Stage<Observed, unknown, number> {
  const key = `platform/rollback/${name}`
  const labels = ownLabels(session)

  const look = (context: StageContext): Promise<Look> =>
    context.observations.read(key, () =>
      withClusterApi(session, context.signal, async client => {
        const call = { signal: context.signal }
        const histories = await ownHistories(client, { name, namespace }, labels, call)
        const [one, another] = histories.own
        return { ...histories, meant: one && !another ? await meantIn(client, one, context) : null }
      }),
    )

  async function meantIn(client: ClusterClient, history: ReleaseHistory, { signal }: StageContext): Promise<Meant> {
    const [newest] = history
    const target = targetOf(history, revision)
    const [present] = withoutStepsBack(history)
    const nothing: Meant = { newest, present, target, going: null, taken: [], notes: [] }
    if (target.kind !== 'back') return nothing
    const [there, earlier] = [present, target.to].map(({ manifest }) => manifestObjects(manifest))
    const at = { name, namespace: newest.namespace, atStake: { groups: [], definitions: [] } }
    const leaving = without(there ?? [], earlier ?? [], newest.namespace)
    const coming = await liveObjects(client, without(earlier ?? [], there ?? [], newest.namespace), newest.namespace, {
      signal,
    })
    const platform = await readPlatform(session)
    return {
      ...nothing,
      going: await whatGoes(client, leaving, at, { signal }),
      taken: coming.flatMap(({ title, live }) => (isSameRelease(helmOwner(live), newest) ? [] : [title])),
      notes: waysOn({ cluster, name, present, earlier: target.to }, platform),
    }
  }

  return {
    timeout: timeout + 15_000,
    retry: overHosts,
    touches: [key, 'platform/release/'],
    async observe(context) {
      const formed = (await session.secret('kubeconfig')) !== null
      return { formed, look: formed ? await attempt(look(context), context.signal) : null }
    },
    checkPrerequisites({ formed, look: looked }): Unmet[] {
      if (!formed) return [notFormed(cluster)]
      if (!looked?.value) return looked ? [{ ...toldUnmet(looked.error), about: 'the API of the cluster' }] : []
      const { own, ofOthers, meant } = looked.value
      if (own.length > 1) return [ambiguous(about, own)]
      if (!meant) return [nothingThere(about, ofOthers)]
      const { newest, target, going, taken } = meant
      if (target.kind === 'none') return [nothingBefore(cluster, about, newest, target.why, revision)]
      if (target.kind === 'there') return []
      if (!isOwn(target.to, labels)) return [madeByOthers(about, target.to)]
      return [
        ...(going ? whyStaying(going, newest, about, goOn(cluster, name)) : []),
        ...(taken.length > 0 ? [takenByOthers(about, taken, goOn(cluster, name))] : []),
      ]
    },
    shouldRun({ look: looked }): Decision {
      const meant = looked?.value?.meant
      if (!meant) return { kind: 'skip', reason: `no release of ${name} is seen` }
      const { newest, present, target, going, notes } = meant
      if (target.kind === 'none') return { kind: 'skip', reason: target.why }
      if (target.kind === 'there')
        return {
          kind: 'skip',
          reason: `${releaseText(newest)} is what it was in revision ${target.revision} already; --revision names another one`,
        }
      return {
        kind: 'run',
        reason: `${name} is to be what it was in revision ${target.to.revision}`,
        changes: changesOf(present, target.to, going),
        facts: { notes: [...notes] },
      }
    },
    async execute(context, { look: looked }) {
      const began = performance.now()
      const { meant, own: [history] = [] } = looked?.value ?? {}
      if (meant?.target.kind !== 'back' || !history) return began
      const { to } = meant.target
      const { signal } = context
      await context.progress(`${releaseText(to)}: helm rollback to revision ${to.revision}`)
      const release = { name, namespace: to.namespace, revision: to.revision, timeout }
      await withClusterApi(session, signal, async (client, reached) => {
        await forgetStepsBack(client, history, { signal })
        const around = await helmAround(session, helm, context, context.environment)
        await tellingHooks(client, release, context, () => rollBackRelease(release, reached, around))
      })
      return began
    },
    async waitForReady(context, began) {
      const { signal } = context
      await withClusterApi(session, signal, async client => {
        const { own } = await ownHistories(client, { name, namespace }, labels, { signal })
        const [newest] = own[0] ?? []
        const release = newest && (await readRelease(client, newest, { signal }))
        const wanted = workloadsIn(release?.deployed?.manifest ?? '', newest?.namespace ?? '')
        await untilReady(client, wanted, waitingFor(context, timeout, began))
      })
    },
  }
}

function changesOf(present: Release, to: Release, going: Going | null): Change[] {
  const { namespace, name } = to
  const target = `release/${namespace}/${name}`
  const of = ({ chart, revision }: Release) => `${chart.name} ${chart.version} (revision ${revision})`
  const values = valueChanges(present.values, to.values)
  // What of an earlier revision was secret nobody knows any more: of texts none is shown.
  const texts = values.filter(({ from, to: value }) => ![from, value].every(isPlain)).map(({ path }) => path)
  return [
    {
      effect: 'update',
      target: `${target}/chart`,
      summary: `roll back ${namespace}/${name}: ${of(present)} → ${of(to)}`,
      detail: to.revision,
    },
    ...values.map(
      (change): Change => ({
        effect: 'update',
        target: `${target}/values/${change.path}`,
        summary: `set ${toldChange(change, new Set(texts))}`,
      }),
    ),
    ...(going?.objects ?? []).map(
      ({ title }): Change => ({
        effect: 'delete',
        target: `${target}/${title.replace(' ', '/')}`,
        summary: `delete ${title}`,
      }),
    ),
    { effect: 'create', target: `${target}/ready`, summary: 'wait until its workloads are ready' },
  ]
}

const isPlain = (value: unknown): boolean =>
  value === undefined || typeof value === 'number' || typeof value === 'boolean'

const goOn = (cluster: string, name: string): string =>
  `go on with the version that is there: slipway platform apply ${cluster} ${name}`

function nothingThere(about: string, ofOthers: readonly Release[]): Unmet {
  const [other] = ofOthers
  if (other)
    return {
      name: 'release-of-another',
      severity: 'error',
      about,
      message: `${releaseText(other)} was made by somebody else`,
      remedy: `Have it rolled back by whoever runs it: helm history ${other.name} -n ${other.namespace}.`,
    }
  return {
    name: 'nothing-to-roll-back',
    severity: 'error',
    about,
    message: 'the cluster has no release of it by Slipway',
    remedy: 'slipway platform apply installs it, where the cluster file names it.',
  }
}

const nothingBefore = (
  cluster: string,
  about: string,
  { name, namespace, status }: Release,
  why: string,
  revision: number | null,
): Unmet => ({
  name: 'nothing-to-roll-back',
  severity: 'error',
  about,
  message: why,
  remedy:
    status === 'deployed' || revision !== null
      ? `helm history ${name} -n ${namespace} shows all that there is; slipway platform upgrade brings another version.`
      : `Take it out: slipway platform disable ${cluster} ${name} --uninstall; or put right why it fails, and apply again.`,
})

const madeByOthers = (about: string, to: Release): Unmet => ({
  name: 'release-of-another',
  severity: 'error',
  about,
  message: `revision ${to.revision} of it was made by somebody else, and the release would be theirs again`,
  remedy: 'Name a revision of Slipway’s: --revision.',
})

const takenByOthers = (about: string, taken: readonly string[], instead: string): Unmet => ({
  name: 'object-of-another-release',
  severity: 'error',
  about,
  message: `the earlier revision has objects that somebody else has by now, and Helm would take them over: ${taken.join(', ')}`,
  remedy: `See which of the two they belong to; or ${instead}.`,
})
