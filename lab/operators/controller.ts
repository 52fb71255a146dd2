import { ApiError } from '../rke2/kubernetes-api.ts'
import { isUnanswered, type LabApi, objectPath } from './api.ts'
import { type Behaviour, behaviourOf, type Rules } from './behaviour.ts'
import type { Installed } from './installed.ts'
import { type CustomKind, Missing, Refused, type Work } from './kind.ts'
import { apiVersionOf, type LabObject, placeOf, type Sent } from './objects.ts'
import { openWork, resourcePath, type Workplace } from './work.ts'

export interface Attention extends Workplace {
  rules(): Rules
  /** The operator that looks at a namespace; null while none does. */
  operatorFor(namespace: string | undefined): Installed | null
}

/** ms */
const retry = 300

/** Of one kind: what its operator does about a resource, now. @returns in how many ms it has to be asked again, if so. */
export function openController(kind: CustomKind, shared: Attention) {
  const { api } = shared
  /** Which generation of a resource was seen last, and from when on something is done about it, by `performance.now()`. */
  const seen = new Map<string, { readonly generation: number; readonly due: number }>()
  /** Of those that flap, by uid and generation. */
  const wellSince = new Map<string, number>()

  const say = async (resource: LabObject, status: object | undefined, how: Behaviour) => {
    if (!status || how.order === 'no-status') return
    const { namespace, name } = resource.metadata
    const sent = {
      apiVersion: `${kind.group}/${kind.version}`,
      kind: kind.kind,
      metadata: { name, ...(namespace !== undefined && { namespace }) },
      status,
    }
    await api.apply(`${resourcePath(kind, resource)}/status`, sent)
  }

  const workFor = (resource: LabObject, operator: Installed) => openWork(shared, kind, resource, operator)

  const fail = async (resource: LabObject, reason: string, how: Behaviour, work: Work) => {
    await say(resource, kind.failed(resource, reason, work) ?? kind.observed(resource, work), how)
    await warn(api, kind, resource, reason)
  }

  /** Keeps a resource from being deleted, or lets one that is deleted go. @returns whether it is not to be attended to now. */
  const holdBack = async (resource: LabObject): Promise<boolean> => {
    const { finalizers = [], deletionTimestamp } = resource.metadata
    if (kind.finalizer === undefined) return deletionTimestamp !== undefined
    const isHeld = finalizers.includes(kind.finalizer)
    if (isHeld === (deletionTimestamp === undefined)) return deletionTimestamp !== undefined
    const others = finalizers.filter(name => name !== kind.finalizer)
    const wanted = deletionTimestamp === undefined ? [...finalizers, kind.finalizer] : others
    const { resourceVersion } = resource.metadata
    await api.merge(resourcePath(kind, resource), { metadata: { finalizers: wanted, resourceVersion } })
    return true
  }

  /** Says of a spec that it has not seen before that it has begun. @returns when something is to be done about it. */
  const firstSeen = async (resource: LabObject, how: Behaviour, work: Work, delay: number): Promise<number> => {
    const { uid, generation = 1 } = resource.metadata
    const former = seen.get(uid)
    if (former?.generation === generation) return former.due
    // What was well before this process began is so now.
    const isDone = !former && kind.isReady(resource)
    const due = performance.now() + (isDone ? 0 : delay)
    seen.set(uid, { generation, due })
    if (!isDone && how.order !== 'ready-first') await say(resource, kind.begun(resource, work), how)
    return due
  }

  const attend = async (resource: LabObject, operator: Installed): Promise<number | undefined> => {
    // What was held or let go of comes again as a change.
    if (await holdBack(resource)) return undefined
    const how = behaviourOf(shared.rules(), kind.kind, placeOf(resource))
    const work = workFor(resource, operator)
    const { delay = 0, order, fail: reason } = how
    if (reason !== undefined) {
      await fail(resource, reason, how, work)
      return undefined
    }
    const due = await firstSeen(resource, how, work, delay)
    if (order === 'ready-first') await say(resource, kind.ready(resource, work), how)
    const rest = due - performance.now()
    if (rest > 0) return rest
    await kind.create(resource, work)
    if (order === 'ready-first') return undefined
    return settle(resource, how, work)
  }

  /** Says what there is now. */
  const settle = async (resource: LabObject, how: Behaviour, work: Work): Promise<number | undefined> => {
    const status = kind.observed(resource, work)
    if (!status) return undefined
    if (how.order === 'stale-generation')
      await say(resource, kind.stale?.(status, resource.metadata.generation ?? 1) ?? status, how)
    else if (how.order === 'flap') return flap(resource, status, how, work)
    else await say(resource, status, how)
    return undefined
  }

  /** When all is well that is said for as long as the delay, then the contrary for as long, and then what is so. */
  const flap = async (resource: LabObject, status: object, how: Behaviour, work: Work): Promise<number | undefined> => {
    const { uid, generation } = resource.metadata
    const { delay = retry } = how
    const isWell = kind.isReady({ ...resource, status: { ...status } })
    const since = wellSince.get(`${uid}/${generation}`) ?? performance.now()
    if (isWell) wellSince.set(`${uid}/${generation}`, since)
    const gone = performance.now() - since
    const isContrary = isWell && gone >= delay && gone < 2 * delay
    await say(resource, isContrary ? kind.begun({ ...resource, status: {} }, { ...work, list: () => [] }) : status, how)
    return isWell && gone < 2 * delay ? (gone < delay ? delay : 2 * delay) - gone : undefined
  }

  return async (resource: LabObject): Promise<number | undefined> => {
    const operator = shared.operatorFor(resource.metadata.namespace)
    // Nobody is there to do anything.
    if (!operator) return undefined
    try {
      return await attend(resource, operator)
    } catch (error) {
      if (error instanceof Missing || isUnanswered(error)) return retry
      if (!(error instanceof ApiError || error instanceof Refused)) throw error
      // One that has changed since, or whose namespace ends, is asked about again.
      const how = behaviourOf(shared.rules(), kind.kind, placeOf(resource))
      const isFault = error instanceof Refused || [400, 403, 422].includes(error.status)
      if (isFault) await fail(resource, error.message, how, workFor(resource, operator)).catch(() => undefined)
      return retry
    }
  }
}

/** An event about a resource: always the same one, and written when the message is another. */
async function warn(api: LabApi, kind: CustomKind, resource: LabObject, message: string): Promise<void> {
  const { namespace = 'default', name, uid } = resource.metadata
  const now = new Date().toISOString().replace(/\.\d+Z/, 'Z')
  const event: Sent = {
    apiVersion: apiVersionOf('Event'),
    kind: 'Event',
    metadata: { name: `${name}.${uid.slice(0, 13)}`, namespace },
    involvedObject: { apiVersion: `${kind.group}/${kind.version}`, kind: kind.kind, namespace, name, uid },
    type: 'Warning',
    reason: 'ReconcileError',
    message,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component: 'operator' },
  }
  const found = await api.get(objectPath(event))
  if (found?.['message'] !== message) await api.apply(objectPath(event), event)
}
