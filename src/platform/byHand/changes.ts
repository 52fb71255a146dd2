import { SlipwayError } from '../../domain/errors.ts'
import type { Change } from '../../engine/contract/stage.ts'
import { canonicalJson } from '../../engine/plan/canonical.ts'
import type { ReleasePlace } from '../../helm/owner.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient, SentObject } from '../../kubernetes/client.ts'
import { keyedHash } from '../../secrets/seal.ts'
import { toldChange, type ValueChange } from '../charts/valueChanges.ts'
import type { EditedObject } from './editedObjects.ts'
import type { ReleaseObject } from './releaseObjects.ts'

/** More of an object nobody reads. */
const mostFields = 10

/**
 * What is done about objects that somebody has changed by hand. Pure.
 * @param isUpgrade the release becomes another one at the same time, which may say something else.
 * @param hashKey hex key by which contents that may be secret are compared.
 */
export const editChanges = (
  edited: readonly EditedObject[],
  { namespace, name }: ReleasePlace,
  isUpgrade: boolean,
  hashKey: string,
): Change[] =>
  edited.flatMap(({ title, resource, changes, by, pods }) => {
    const target = `release/${namespace}/${name}/${title.replace(' ', '/')}`
    const hashOf = (some: readonly ValueChange[]) =>
      keyedHash(hashKey, canonicalJson(some.map(({ path, to }) => [path, to ?? null])))
    const who = by.length === 0 ? '' : ` (changed by ${by.join(', ')})`
    if (isUpgrade || resource.kind === 'Secret') {
      const what = resource.kind === 'Secret' ? 'what is in it' : changes.map(({ path }) => path).join(', ')
      const summary = `${title}: ${what} becomes what the ${isUpgrade ? 'chart' : 'release'} says${who}`
      return [{ effect: 'update', target, summary, detail: hashOf(changes) }]
    }
    const rest = changes.slice(mostFields)
    const told = changes.slice(0, mostFields).map((change): Change => {
      const isScaled = pods !== null && change.path === 'spec.replicas'
      const summary = `${title}${isScaled ? ' is scaled to 0' : ''}: ${toldField(change)}, as the release says${who}`
      return { effect: 'update', target: `${target}/${change.path}`, summary, detail: hashOf([change]) }
    })
    if (rest.length === 0) return told
    const summary = `${title}: ${rest.length} more fields become what the release says${who}`
    return [...told, { effect: 'update', target, summary, detail: hashOf(rest) }]
  })

/** Where passwords may stand in plain text. */
const perhapsSecret = /(?:^|\.)(?:env|args|command|data|binaryData|stringData|annotations)(?:$|[.[])/

function toldField(change: ValueChange): string {
  const { path, from, to } = change
  const isHidden = perhapsSecret.test(path) || [from, to].some(value => typeof value === 'object' && value !== null)
  return toldChange(change, new Set(isHidden ? [path] : []), 'not there')
}

/** Those that are gone, in one line. Pure. */
export function goneChanges(gone: readonly ReleaseObject[], { namespace, name }: ReleasePlace): Change[] {
  if (gone.length === 0) return []
  const detail = gone.map(({ title }) => title)
  const summary = `bring back what is gone: ${detail.join(', ')}`
  return [{ effect: 'create', target: `release/${namespace}/${name}/gone`, summary, detail }]
}

interface ToPutBack extends Pick<ReleaseObject, 'title' | 'resource'> {
  readonly object: SentObject
  /** In whose name. */
  readonly manager: string
}

/**
 * Makes objects what their release says, and nothing else of it: Helm would run its hooks, and take fields from
 * whoever keeps them.
 * @throws SlipwayError `chart-refused` for a kind that the API does not know; as `ClusterClient.apply` says.
 */
export async function putBack(
  client: Pick<ClusterClient, 'apply'>,
  objects: readonly ToPutBack[],
  { signal }: Call,
  tell: (message: string) => Promise<void>,
): Promise<void> {
  for (const { title, resource, object, manager } of objects) {
    if (!resource)
      throw new SlipwayError('chart-refused', `${title}: the API does not know its kind`, {
        remedy: 'Bring its definition back (kubectl get crds shows those that are there), then apply again.',
      })
    await tell(`${title}: make it what the release says`)
    await client.apply(resource, object, { signal, manager, unknownFields: 'Ignore', force: true })
  }
}
