import { SlipwayError } from '../../domain/errors.ts'
import { atMost } from '../../engine/plan/atMost.ts'
import type { ManifestObject } from '../../helm/manifest.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient, SentObject } from '../../kubernetes/client.ts'
import { type LooseObject, looseResource } from '../../kubernetes/looseObject.ts'
import { type Resource, titleOf } from '../../kubernetes/resource.ts'

/** What the API says of objects that a chart would make: `Deployment shop/web: … is invalid: spec.replicas: …`. */
export interface Tried {
  /** They are wrong by themselves. */
  readonly invalid: readonly Objection[]
  /** A rule of this cluster is against them, which may be another one when the rest of the chart is there. */
  readonly denied: readonly Objection[]
}

interface Objection {
  readonly words: string
  /** Of the API, whose definitions say what is right. */
  readonly group: string
}

/** Questions at once. */
const atOnce = 8
/** ms */
const deadline = 10_000

/** Where objects are tried whose own namespace is not there yet: every cluster has it, and nothing is made in it. */
const standIn = 'default'

/** An object of a chart, and where it is to be. */
export interface Placed {
  readonly object: ManifestObject
  /** In whatever version. */
  readonly kind: Resource<LooseObject>
  /** Null: it has none. */
  readonly namespace: string | null
}

/**
 * Asks the API what it would say of new objects; nothing is made. What it cannot tell now is left out.
 * @param isMissing whether the namespace of an object is not there yet.
 * @param strict whether Helm has the API refuse fields that it does not know.
 */
export async function tryObjects(
  client: Pick<ClusterClient, 'apply' | 'get'>,
  objects: readonly Placed[],
  { isMissing, strict }: { isMissing(one: Placed): boolean; readonly strict: boolean },
  { signal }: Call,
): Promise<Tried> {
  const turn = atMost(atOnce)
  const found = await Promise.all(objects.map(object => turn(() => refusalOf(object), signal)))
  const of = (kind: Refusal['kind']) =>
    found.flatMap((one): Objection[] => (one?.kind === kind ? [{ words: one.words, group: one.group }] : []))
  return { invalid: of('invalid'), denied: of('denied') }

  async function refusalOf(one: Placed): Promise<Refusal | null> {
    const { object, kind, namespace } = one
    const resource = inVersionOf(kind, object)
    const isOwn = !isMissing(one)
    const place = { name: object.name, ...(namespace !== null && { namespace: isOwn ? namespace : standIn }) }
    const sent: SentObject = { ...object.body, metadata: { ...(object.body['metadata'] as object), ...place } }
    const how = { signal, deadline, force: true, dryRun: true, ...(!strict && { unknownFields: 'Ignore' as const }) }
    try {
      await client.apply(resource, sent, how)
      return null
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof SlipwayError)) throw error
      const refused = kindOfRefusal(error, isOwn, strict)
      // To change one that is there is another matter than to make one.
      if (refused === null || (!isOwn && (await client.get(resource, place, { signal })) !== null)) return null
      const said = error.message.replace(`apply ${titleOf(resource, place)}: `, '')
      const title = titleOf(resource, { ...place, namespace: namespace ?? undefined })
      return { kind: refused, words: `${title}: ${said}`, group: kind.group }
    }
  }
}

interface Refusal extends Objection {
  readonly kind: 'invalid' | 'denied'
}

/** @param isOwn whether it was asked where the object is to be: rules may be others elsewhere. */
function kindOfRefusal(error: SlipwayError, isOwn: boolean, strict: boolean): Refusal['kind'] | null {
  const { facts, message } = error
  const status = facts['status']
  // One that is not asked in a dry run, or gives no answer, has said nothing of the object; an account may come with it.
  if (/failed calling webhook|does not support dry run|error looking up service account/.test(message)) return null
  if (/admission webhook|AdmissionPolicy/.test(message)) return isOwn ? 'denied' : null
  if (status === 400 || status === 422) return 'invalid'
  if (status === 403) return !isOwn ? null : /because it is being terminated/.test(message) ? 'invalid' : 'denied'
  return status === 500 && strict && /typed patch object/.test(message) ? 'invalid' : null
}

/** The kind in the version in which an object is written. Pure. */
const inVersionOf = (resource: Resource, { apiVersion }: ManifestObject): Resource<LooseObject> =>
  looseResource({ ...resource, version: apiVersion.slice(apiVersion.indexOf('/') + 1) })
