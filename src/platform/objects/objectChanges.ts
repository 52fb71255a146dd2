import type { Json } from '../../contract/json.ts'
import type { Change } from '../../engine/contract/stage.ts'
import { canonicalJson } from '../../engine/plan/canonical.ts'
import type { LooseObject } from '../../kubernetes/looseObject.ts'
import { keyedHash } from '../../secrets/seal.ts'
import { toldChange, valueChanges } from '../charts/valueChanges.ts'
import type { Seen, SeenObject } from './seeObjects.ts'

/**
 * What an apply would do. What the API has filled in of its own is no difference. Pure.
 * @param hashKey hex key by which contents that may be secret are compared.
 */
export const objectChanges = ({ missingNamespaces, objects }: Seen, hashKey: string): Change[] => [
  ...missingNamespaces.map(
    (name): Change => ({ effect: 'create', target: `namespace/${name}`, summary: `make namespace ${name}` }),
  ),
  ...objects.flatMap(object => changesOf(object, hashKey)),
]

function changesOf({ title, wanted: { object, resource }, live, applied }: SeenObject, hashKey: string): Change[] {
  const target = `object/${title.replace(' ', '/')}`
  const hashOf = (value: unknown) => keyedHash(hashKey, canonicalJson(JSON.parse(JSON.stringify(value))))
  if (!live) return [{ effect: 'create', target, summary: `create ${title}`, detail: hashOf(object) }]
  if (!applied) return []
  const changes = valueChanges(partsOf(live), partsOf(applied))
  if (changes.length > 0 && resource.kind === 'Secret')
    return [{ effect: 'update', target, summary: `change what is in ${title}`, detail: hashOf(object) }]
  return changes.map(change => ({
    effect: 'update',
    target: `${target}/${change.path}`,
    summary: `${title}: ${toldChange(change)}`,
    detail: hashOf(change.to ?? null),
  }))
}

/** All that somebody can want of an object. Pure. */
export function partsOf({ metadata, ...parts }: LooseObject): Record<string, Json> {
  const { labels = {}, annotations = {} } = metadata
  const { status: _status, apiVersion: _version, kind: _kind, ...rest } = parts
  return { ...(rest as Record<string, Json>), metadata: { labels, annotations } }
}
