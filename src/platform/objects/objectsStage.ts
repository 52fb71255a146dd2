import { withClusterApi } from '../../clusters/clusterApi.ts'
import { overHosts } from '../../clusters/transient.ts'
import type { PlatformFacts } from '../../contract/platform.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { Change, Decision, Stage, StageContext, Unmet } from '../../engine/contract/stage.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { titleOf } from '../../kubernetes/resource.ts'
import { namespaces } from '../../kubernetes/resources.ts'
import { attempt, type Attempted, notFormed, toldUnmet } from '../attempt.ts'
import { ownLabels } from '../ownLabels.ts'
import type { PlatformSession } from '../platformSession.ts'
import { whileGivingLogins } from '../prerequisites/accounts.ts'
import { readPlatform } from '../readPlatform.ts'
import { type UnmetCondition, unmetNow, untilMet, waitingFor } from '../untilMet.ts'
import { missingKindFinding, missingKindText } from './missingKind.ts'
import { objectChanges } from './objectChanges.ts'
import { type Seen, seeObjects, sentObject } from './seeObjects.ts'
import type { ObjectsWish } from './objectsWish.ts'
import { seenFaults } from './seenFaults.ts'
import { storedFaults } from './storedFaults.ts'

/** What objects of the API are made for. */
export interface ObjectsSubject {
  /** `component infra-postgres` */
  readonly about: string
  readonly name: string
  /** By which its changes are named beside its own name; null: it is in several. */
  readonly namespace: string | null
  /** ms */
  readonly timeout: number
  /** Stages of this plan that bring the API where it does not answer now; the first is the one that is named. */
  readonly afterStages: readonly string[]
  /** Stages that bring the kinds of its objects. */
  readonly needs: readonly string[]
  /** @throws SlipwayError `not-found` when nothing wants it any more; what settles it cannot be read. */
  read(client: ClusterClient, context: StageContext): Promise<ObjectsWish>
}

interface Look {
  readonly wish: ObjectsWish
  readonly seen: Seen
  /** What is not ready, of objects that are as they are wanted. */
  readonly lacks: readonly UnmetCondition[]
}

interface Observed {
  readonly formed: boolean
  readonly look: Attempted<Look> | null
}

/** Objects of the API: made by server-side apply, waited for, brought back. Nothing is ever deleted. */
export function objectsStage(subject: ObjectsSubject, session: PlatformSession): Stage<Observed, unknown, number> {
  const { about, name, namespace, timeout } = subject
  const place = namespace === null ? name : `${namespace}/${name}`
  const key = `platform/objects/${place}`
  const label = ownLabels(session)

  const changesIn = ({ wish, seen, lacks }: Look): Change[] => {
    const changes = objectChanges(seen, session.hashKey)
    if ((changes.length === 0 && lacks.length === 0) || wish.ready.length === 0) return changes
    const because = changes.length === 0 ? ` (${lacks[0]?.title}: ${lacks[0]?.missing})` : ''
    return [
      ...changes,
      { effect: 'create', target: `objects/${place}/ready`, summary: `wait until it is ready${because}` },
    ]
  }

  /** How they stand, beside what is to be done about it. */
  const factsOf = (look: Attempted<Look> | null): PlatformFacts => {
    if (!look) return { state: 'absent' }
    if (!look.value) return { state: 'unknown' }
    const { wish, seen, lacks } = look.value
    const live = seen.objects.filter(object => object.live !== null)
    if (live.length === 0) return { state: 'absent', ...wish.facts }
    const differs = objectChanges(seen, session.hashKey).length > 0
    const where = live.map(({ title }) => title).join(', ')
    return { state: differs ? 'differs' : lacks.length > 0 ? 'not-ready' : 'ready', where, ...wish.facts }
  }

  return {
    timeout: timeout + 15_000,
    retry: overHosts,
    touches: [key],
    async observe(context: StageContext): Promise<Observed> {
      const formed = (await session.secret('kubeconfig')) !== null
      if (!formed) return { formed, look: null }
      const look = context.observations.read(key, () =>
        withClusterApi(session, context.signal, async client => {
          const wish = await subject.read(client, context)
          const seen = await seeObjects(client, wish.objects, label, context)
          const isThere = seen.objects.every(({ live }) => live !== null) && wish.objects.length > 0
          return { wish, seen, lacks: isThere ? await unmetNow(client, wish.ready, context) : [] }
        }),
      )
      return { formed, look: await attempt(look, context.signal) }
    },
    checkPrerequisites({ look }): Unmet[] {
      if (!look) return subject.afterStages.length > 0 ? [] : [notFormed(session.cluster)]
      const providedBy = [...subject.needs, ...subject.afterStages]
      if (look.error) return [{ ...toldUnmet(look.error), about, providedBy }]
      const { wish, seen } = look.value
      return [
        ...wish.unmet.map((unmet): Unmet => ({ ...unmet, severity: 'error', about })),
        ...seen.missingKinds.map(
          (kind): Unmet => ({ ...missingKindFinding(kind, 'the component'), about, providedBy }),
        ),
        ...storedFaults(wish.stored).map((fault): Unmet => ({ ...fault, severity: 'error', about })),
        ...seenFaults(seen, label, about, subject.needs),
      ]
    },
    shouldRun({ formed, look }): Decision {
      const facts = factsOf(look)
      const [until] = [...(look?.value ? subject.needs : []), ...subject.afterStages, ...subject.needs]
      const [missing] = look?.value?.seen.missingKinds ?? []
      if (!look?.value || missing || look.value.wish.unmet.length > 0) {
        const reason = formed
          ? (look?.error?.message ??
            look?.value?.wish.unmet[0]?.message ??
            `the API does not know ${missing ? missingKindText(missing) : 'a kind'} yet`)
          : 'the cluster is not there yet'
        return until === undefined
          ? { kind: 'skip', reason, facts }
          : { kind: 'deferred', reason, until, effects: ['create', 'update'], facts }
      }
      const changes = changesIn(look.value)
      if (changes.length > 0) return { kind: 'run', reason: `${name} is not as the cluster file says`, changes, facts }
      return {
        kind: 'skip',
        reason: look.value.wish.ready.length === 0 ? 'all is there' : `${name} is as it is wanted, and ready`,
        facts,
      }
    },
    async execute(context, { look }) {
      const began = performance.now()
      const { signal } = context
      await withClusterApi(session, signal, async client => {
        const wish = await subject.read(client, context)
        const [unmet] = wish.unmet
        if (unmet) throw new SlipwayError('preflight-failed', unmet.message, { remedy: unmet.remedy })
        const seen = look?.value?.seen ?? (await seeObjects(client, wish.objects, label, context))
        for (const missing of seen.missingNamespaces)
          await client.apply(namespaces, { metadata: { name: missing, labels: label } }, { signal })
        for (const one of wish.objects) {
          await context.progress(`apply ${titleOf(one.resource, one.object.metadata)}`)
          await client.apply(one.resource, sentObject(one, label), { signal, force: true })
        }
      })
      return began
    },
    async waitForReady(context, began) {
      await withClusterApi(session, context.signal, async client => {
        const { ready } = await subject.read(client, context)
        const until = () => untilMet(client, ready, waitingFor(context, timeout, began))
        const { image_pull_secret: logins } = await readPlatform(session)
        // Its operator makes accounts for the pods.
        if (namespace === null || logins === undefined) return until()
        return whileGivingLogins(client, { namespace }, context, until)
      })
    },
  }
}
