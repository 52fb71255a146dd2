import { z } from 'zod'
import { withClusterApi } from '../../clusters/clusterApi.ts'
import { overHosts } from '../../clusters/transient.ts'
import { clusterName } from '../../domain/names.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { Change, Decision, Stage, StageContext, Unmet } from '../../engine/contract/stage.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import { helmOwner, isSameRelease } from '../../helm/owner.ts'
import type { Release, ReleaseHistory } from '../../helm/release.ts'
import { uninstallRelease } from '../../helm/takeBack.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { apiVersionOf } from '../../kubernetes/resource.ts'
import { goneCondition } from '../conditions.ts'
import { attempt, type Attempted, toldUnmet } from '../attempt.ts'
import { catalogue } from '../catalogue/index.ts'
import { helmAround } from '../helmAround.ts'
import { ownLabels } from '../ownLabels.ts'
import { tellingHooks } from '../charts/hooks.ts'
import { releaseText } from '../charts/releaseText.ts'
import { withoutStepsBack } from '../charts/stepsBack.ts'
import type { PlatformSession } from '../platformSession.ts'
import type { PlatformSurroundings } from '../surroundings.ts'
import { untilMet } from '../untilMet.ts'
import { definitionsIn, groupOfDefinition } from './customResources.ts'
import { liveObjects, type LiveObject, without } from './leaving.ts'
import { type OwnHistories, ownHistories } from './ownHistories.ts'
import { type Going, whatGoes, whyStaying } from './whatGoes.ts'

const removalArguments = z.strictObject({
  cluster: clusterName,
  /** Of a component or a chart, and of its release. */
  name: z.string(),
  /** Null: wherever its release is. */
  namespace: z.string().nullable(),
  /** false: what there is of it is looked at, and left where it is. */
  uninstall: z.boolean(),
  cascade: z.enum(['background', 'foreground', 'orphan']),
  /** Nothing has ever named it: it is a release that nobody names any more, or a slip. */
  unknown: z.boolean(),
  /** ms */
  timeout: z.int(),
})
type RemovalArguments = z.infer<typeof removalArguments>

interface Look extends OwnHistories {
  /** What goes with the one that is meant; null: there is no such one, or none is to go. */
  readonly going: Going | null
  /** uids of those that Helm does not take out with it. */
  readonly unlisted: ReadonlySet<string>
}

interface Observed {
  readonly formed: boolean
  readonly look: Attempted<Look> | null
}

/** What is turned off, and what of it is on the cluster: left where it is, or taken out by Helm. Its data never is. */
export const removalStage = defineStage({
  kind: 'platform/removal',
  arguments: removalArguments,
  stage: (given, { sessionOf, helm }: PlatformSurroundings): Stage<Observed, unknown, readonly LiveObject[]> =>
    stageOf(given, sessionOf(given.cluster), helm),
})

function stageOf(
  { name, namespace, uninstall, cascade, unknown, timeout }: RemovalArguments,
  session: PlatformSession,
  helm: PlatformSurroundings['helm'],
): Stage<Observed, unknown, readonly LiveObject[]> {
  const component = catalogue.find(one => one.name === name)
  const about = component ? `component ${name}` : `chart ${name}`
  const key = `platform/removal/${name}`
  const labels = ownLabels(session)

  const look = (context: StageContext): Promise<Look> =>
    context.observations.read(key, () =>
      withClusterApi(session, context.signal, async client => {
        const call = { signal: context.signal }
        const { own: all, ofOthers } = await ownHistories(client, { name, namespace }, labels, call)
        const own = all.filter(([newest]) => newest.status !== 'uninstalled')
        const [one, another] = own
        if (!uninstall || !one || another) return { own, ofOthers, going: null, unlisted: new Set() }
        const [newest] = one
        const marks = component?.kind === 'chart' ? component.marks : undefined
        const atStake = {
          groups: [...new Set((marks?.definitions ?? []).map(groupOfDefinition))],
          definitions: definitionsIn(newest.definitions),
        }
        const at = { name, namespace: newest.namespace, atStake }
        const unlisted = await unlistedObjects(client, one, call)
        const objects = [...manifestObjects(newest.manifest), ...unlisted.map(({ object }) => object)]
        const going = await whatGoes(client, objects, at, call)
        return { own, ofOthers, going, unlisted: new Set(unlisted.map(({ uid }) => uid)) }
      }),
    )

  return {
    timeout: timeout + 15_000,
    retry: overHosts,
    touches: [key, `platform/release/`],
    async observe(context) {
      const formed = (await session.secret('kubeconfig')) !== null
      return { formed, look: formed ? await attempt(look(context), context.signal) : null }
    },
    checkPrerequisites({ look: looked }): Unmet[] {
      // What is only left alone needs nobody who answers.
      if (looked?.error) return uninstall ? [{ ...toldUnmet(looked.error), about: 'the API of the cluster' }] : []
      const { own = [], ofOthers = [], going = null } = looked?.value ?? {}
      const [one] = own
      if (!one && unknown && ofOthers.length === 0) return [unknownName(name)]
      if (uninstall && own.length > 1) return [ambiguous(about, own)]
      return one && going ? whyStaying(going, one[0], about, leaveIt) : []
    },
    shouldRun({ formed, look: looked }): Decision {
      const off = namespace === null ? `${name} is turned off` : `${namespace}/${name} is wanted no more`
      if (!formed) return skip(`${off}; the cluster is not there`)
      if (!looked?.value) return skip(off, [`what there is of it was not seen, and stays: ${looked?.error?.message}`])
      const { own, ofOthers, going } = looked.value
      const others = ofOthers.map(release => `${releaseText(release)}, which Slipway has not made, stays`)
      if (component?.kind === 'work') return skip(off, ['what it has made stays'])
      if (component?.kind === 'objects') return skip(off, ['its objects stay, with all data'])
      const [one] = own
      if (!one) return skip(`${off}; no release of it by Slipway is there`, others)
      if (!going) {
        const staying = own.map(([newest]) => `${releaseText(newest)} stays as it is, with all data`)
        return skip(off, [...staying, ...others])
      }
      const stays = [...going.staying.map(title => `${title} stays`), ...others]
      return {
        kind: 'run',
        reason: [`${off}, and is to go`, ...stays].join('; '),
        changes: changesOf(one[0], going),
        ...(stays.length > 0 && { facts: { notes: stays } }),
      }
    },
    async execute(context, { look: looked }) {
      const { own = [], going = null, unlisted } = looked?.value ?? {}
      const [one] = own
      if (!one || !going) return []
      const { signal } = context
      // There are hooks before and after.
      const release = { name, namespace: one[0].namespace, timeout: timeout / 2, cascade }
      await context.progress(`${releaseText(one[0])}: helm uninstall`)
      await withClusterApi(session, signal, async (client, reached) => {
        // Before the release, which is known as long as they are there.
        for (const { resource, live } of going.objects.filter(({ live }) => unlisted?.has(live.metadata.uid)))
          await client.remove(resource, live.metadata, { uid: live.metadata.uid, signal })
        const around = await helmAround(session, helm, context, context.environment)
        await tellingHooks(client, release, context, () => uninstallRelease(release, reached, around))
      })
      return going.objects
    },
    async waitForReady({ signal, progress, changes }, gone) {
      await withClusterApi(session, signal, async client => {
        // Where its release was gone already when the run was gone on with, the plan says what has gone with it.
        const leaving = gone ?? (await beingDeleted(client, changes, { signal }))
        await untilMet(client, leaving.map(goneCondition), { signal, timeout, tell: message => void progress(message) })
      })
    },
  }
}

const skip = (reason: string, stays: readonly string[] = []): Decision => ({
  kind: 'skip',
  reason: [reason, ...stays].join('; '),
  ...(stays.length > 0 && { facts: { notes: [...stays] } }),
})

function changesOf(release: Release, { objects }: Going): Change[] {
  const { namespace, name, status, revision } = release
  const target = `release/${namespace}/${name}`
  const again = status === 'uninstalling' ? ', whose removal was broken off' : ''
  return [
    {
      effect: 'delete',
      target: `${target}/chart`,
      summary: `take out ${releaseText(release)}${again}`,
      detail: revision,
    },
    ...objects.map(
      ({ title, resource, live: { metadata } }): Change => ({
        effect: 'delete',
        target: `${target}/${title.replace(' ', '/')}`,
        summary: `delete ${title}`,
        detail: {
          apiVersion: apiVersionOf(resource),
          kind: resource.kind,
          name: metadata.name,
          ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
        },
      }),
    ),
  ]
}

const deleted = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().optional(),
})

/** What is still there of the revision before a step back that was broken off, of which Helm's newest record knows nothing. */
async function unlistedObjects(client: ClusterClient, history: ReleaseHistory, call: Call) {
  const [newest] = history
  const [before] = withoutStepsBack(history)
  const only = without(manifestObjects(before.manifest), manifestObjects(newest.manifest), newest.namespace)
  const found = only.map(async object => {
    const [seen] = await liveObjects(client, [object], newest.namespace, call)
    return seen && isSameRelease(helmOwner(seen.live), newest) ? [{ object, uid: seen.live.metadata.uid }] : []
  })
  return (await Promise.all(found)).flat()
}

/** Objects that a plan has named to be deleted, and whose deletion has begun. */
async function beingDeleted(client: ClusterClient, changes: readonly Change[], call: Call): Promise<LiveObject[]> {
  const named = changes.flatMap(({ detail }) => {
    const read = deleted.safeParse(detail)
    return read.success ? [{ ...read.data, kept: false }] : []
  })
  const live = await liveObjects(client, named, '', call)
  return live.filter(({ live: { metadata } }) => metadata.deletionTimestamp !== undefined)
}

const leaveIt = 'leave it where it is: disable it without --uninstall'

const unknownName = (name: string): Unmet => ({
  name: 'component-unknown',
  severity: 'error',
  about: name,
  message: `neither the desired state nor the file that was applied last names it, and the cluster has no release of it by Slipway`,
  remedy:
    'Write it as the cluster file does, or as Slipway calls the component: slipway platform components lists them.',
})

/** Pure. */
export const ambiguous = (about: string, own: readonly ReleaseHistory[]): Unmet => ({
  name: 'release-ambiguous',
  severity: 'error',
  about,
  message: `Slipway has made several releases of this name: ${own.map(([newest]) => releaseText(newest)).join(', ')}`,
  remedy: `Say which one is meant: --namespace ${own[0]?.[0].namespace}.`,
})
