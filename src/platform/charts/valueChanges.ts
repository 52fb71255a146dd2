import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../contract/json.ts'
import { carriesLogin } from '../../domain/values/logins.ts'
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
  // Of lists that are as long as before, what is in them tells more.
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length && [...from, ...to].every(isMap))
    return from.flatMap((one, at) => differences(`${path}[${at}]`, one, to[at]))
  return [{ path, from, to }]
}

const isMap = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const mapOf = (value: Json | undefined): Record<string, Json> => (value !== undefined && isMap(value) ? value : {})

const longest = 60

/**
 * `replicaCount: 1 → 3`; a value whose name says that it is secret is not shown, nor is a text that is to go: it may have
 * been secret. Pure.
 * @param secret paths of values that are. @param unset what stands for a value that is not set.
 */
export function toldChange(
  { path, from, to }: ValueChange,
  secret: ReadonlySet<string> = new Set(),
  unset = 'of the chart',
): string {
  const isHidden = isSecretPath(path) || holdsAny(secret, path) || (to === undefined && !isPlain(from))
  const shown = (value: Json | undefined) =>
    value === undefined ? unset : isHidden ? mask : shortened(withoutSecrets(value))
  return `${path}: ${shown(from)} → ${shown(to)}`
}

const isPlain = (value: Json | undefined): boolean => typeof value === 'number' || typeof value === 'boolean'

/** Whether one of these paths is this one, or lies in it or around it. */
const holdsAny = (paths: ReadonlySet<string>, path: string): boolean =>
  [...paths].some(one => one === path || one.startsWith(`${path}.`) || path.startsWith(`${one}.`))

/** Paths of all values that are no maps. Pure. */
export const pathsOf = (values: Values): string[] => valueChanges({}, values).flatMap(leaves)

const leaves = ({ path, to }: ValueChange): string[] => (to === undefined ? [] : [path])

/** `{ a: { b: 1 } }` of `a.b` and 1. Pure. */
export const valueAt = (path: string, value: Json): Values =>
  path.split('.').reduceRight<Json>((inner, key) => ({ [key]: inner }), value) as Values

/** Values with others over them: maps are taken together, whatever else is in the later ones wins. Pure. */
export function merged(values: Values, over: Values): Values {
  const both = Object.entries(over).map(([key, value]) => {
    const below = values[key]
    const isBoth = below !== undefined && isMap(below) && isMap(value)
    return [key, isBoth ? merged(below, value) : value] as const
  })
  return { ...values, ...Object.fromEntries(both) }
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
  if (typeof value === 'string') return carriesLogin(value) ? mask : value
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

/** Below this a word stands everywhere, and to keep it out of logs would make them unreadable. */
const shortestSecret = 8

/** The texts among values that are secret, long enough to be told from words. Pure. */
export function secretTexts(value: Json): string[] {
  if (typeof value === 'string') return value.length >= shortestSecret ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(secretTexts)
}
