import type { Json } from '../../contract/json.ts'
import { ownerAnnotations, type ReleasePlace } from '../../helm/owner.ts'
import type { SentObject } from '../../kubernetes/client.ts'
import { partOf } from '../../kubernetes/looseObject.ts'
import type { ReleaseObject } from './releaseObjects.ts'

type Fields = Readonly<Record<string, Json>>

/** What only the API sets. */
const ofApi = new Set(['creationTimestamp', 'uid', 'resourceVersion', 'generation', 'managedFields', 'selfLink'])

/** An object of a manifest as Helm has it applied: with its marks, and without what says nothing. Pure. */
export function configurationOf(
  { wanted, place: { name, namespace } }: ReleaseObject,
  release: ReleasePlace,
): SentObject {
  const {
    apiVersion: _version,
    kind: _kind,
    metadata,
    status: _status,
    stringData,
    ...rest
  } = said(wanted.body as Fields)
  const own = Object.fromEntries(Object.entries(mapOf(metadata)).filter(([key]) => !ofApi.has(key)))
  const texts = Object.entries(mapOf(stringData)).map(([key, text]) => [key, base64(text)] as const)
  return {
    ...rest,
    ...(texts.length > 0 && { data: { ...mapOf(rest['data']), ...Object.fromEntries(texts) } }),
    metadata: {
      ...own,
      name,
      ...(namespace !== undefined && { namespace }),
      labels: { ...mapOf(own['labels']), 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { ...mapOf(own['annotations']), ...ownerAnnotations(release) },
    },
  }
}

const base64 = (text: Json): string => Buffer.from(String(text)).toString('base64')

/** Null says nothing. */
const said = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]): [string, Json][] => (value === null ? [] : [[key, inside(value)]])),
  )

function inside(value: Json): Json {
  if (Array.isArray(value)) return value.map(inside)
  return isMap(value) ? said(value) : value
}

const isMap = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const mapOf = (value: Json | undefined): Fields => (isMap(value) ? value : {})

/**
 * Whether an object may lack something that is wanted of it; the API is the one to say. What is as nothing (false, 0, an empty
 * text) it may not keep at all. Pure.
 */
export function mayLack(wanted: unknown, live: unknown): boolean {
  if (Array.isArray(wanted)) {
    const present: readonly unknown[] = Array.isArray(live) ? live : []
    return (
      present.length < wanted.length ||
      wanted.some((one: unknown, at) => mayLack(one, sameIn(present, one) ?? present[at]))
    )
  }
  if (typeof wanted === 'object' && wanted !== null)
    return Object.entries(wanted).some(([key, value]) => mayLack(value, partOf(live, key)))
  return live === undefined && Boolean(wanted)
}

/** The API orders lists by names as it likes. */
function sameIn(list: readonly unknown[], wanted: unknown): unknown {
  const name = partOf(wanted, 'name')
  return name === undefined ? undefined : list.find(one => partOf(one, 'name') === name)
}
