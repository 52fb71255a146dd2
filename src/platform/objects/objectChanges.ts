import type { Json } from '../../contract/json.ts'
import type { Change } from '../../engine/contract/stage.ts'
import { canonicalJson } from '../../engine/plan/canonical.ts'
import type { LooseObject } from '../../kubernetes/looseObject.ts'
import { toldChange, valueChanges } from '../charts/valueChanges.ts'
import type { Seen, SeenObject } from './seeObjects.ts'
import { createHash } from 'node:crypto'

/** What an apply would do. What the API has filled in of its own is no difference. Pure. */
export const objectChanges = (namespace: string, { namespace: isThere, objects }: Seen): Change[] => [
  ...(isThere
    ? []
    : [{ effect: 'create', target: `namespace/${namespace}`, summary: `make namespace ${namespace}` } as const]),
  ...objects.flatMap(changesOf),
]

function changesOf({ title, wanted: { object }, live, applied }: SeenObject): Change[] {
  const target = `object/${title.replace(' ', '/')}`
  if (!live) return [{ effect: 'create', target, summary: `create ${title}`, detail: hashOf(object) }]
  if (!applied) return []
  return valueChanges(partsOf(live), partsOf(applied)).map(change => ({
    effect: 'update',
    target: `${target}/${change.path}`,
    summary: `${title}: ${toldChange(change)}`,
    detail: hashOf(change.to ?? null),
  }))
}

/** All that somebody can want of an object. */
function partsOf({ metadata, ...parts }: LooseObject): Record<string, Json> {
  const { labels = {}, annotations = {} } = metadata
  const { status: _status, apiVersion: _version, kind: _kind, ...rest } = parts
  return { ...(rest as Record<string, Json>), metadata: { labels, annotations } }
}

const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(value))))
    .digest('hex')
