import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../contract/json.ts'
import { mask } from '../../secrets/redact.ts'

type Values = Readonly<Record<string, Json>>

/** A value of a chart that is to be another one. */
export interface ValueChange {
  /** `ingress.hosts[0]` */
  readonly path: string
  /** undefined: the chart's own holds. */
  readonly from: Json | undefined
  readonly to: Json | undefined
}

/** What differs between the values that are in force and those that are wanted, in the order of their paths. Pure. */
export const valueChanges = (from: Values, to: Values): ValueChange[] =>
  differences('', from, to).toSorted((one, other) => (one.path < other.path ? -1 : 1))

function differences(path: string, from: Json | undefined, to: Json | undefined): ValueChange[] {
  if (isDeepStrictEqual(from, to)) return []
  // A map that is empty, or holds null only, changes nothing of the chart's own; Helm keeps either.
  if (isMap(from ?? {}) && isMap(to ?? {})) {
    const [before, after] = [mapOf(from), mapOf(to)]
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].flatMap(key => differences(`${path}${path === '' ? '' : '.'}${key}`, before[key], after[key]))
  }
  return [{ path, from, to }]
}

const isMap = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const mapOf = (value: Json | undefined): Record<string, Json> => (value !== undefined && isMap(value) ? value : {})

const longest = 60

/** `replicaCount: 1 → 3`; a value whose name says that it is secret is not shown. Pure. */
export function toldChange({ path, from, to }: ValueChange): string {
  const shown = (value: Json | undefined) =>
    value === undefined ? 'of the chart' : isSecretPath(path) ? mask : shortened(withoutSecrets(value))
  return `${path}: ${shown(from)} → ${shown(to)}`
}

/** By its words: dbPassword, api_key, auth.token; `existingSecret` names one. */
const secretive = /(?:passw(?:or)?d|passphrase|secret|token|credentials?|(?:api|access|private|encryption)[-_]?key)$/i
const naming = /(?:existing|name|ref|file|path|enabled)/i

export const isSecretPath = (path: string): boolean =>
  path
    .replaceAll(/\[\d+\]/g, '')
    .split('.')
    .some(word => secretive.test(word) && !naming.test(word))

function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, isSecretPath(key) ? mask : withoutSecrets(inner)]),
  )
}

function shortened(value: Json): string {
  const text = typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
