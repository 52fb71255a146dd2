import { createHash } from 'node:crypto'
import type { Json } from '../../contract/json.ts'

/**
 * JSON with sorted keys and nothing optional in its spelling (RFC 8785): equal values give equal text.
 * @throws TypeError for what is no JSON: NaN, infinities, functions.
 */
export function canonicalJson(value: Json | undefined): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`not a JSON number: ${value}`)
    return JSON.stringify(value)
  }
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value !== 'object') throw new TypeError(`not a JSON value: ${typeof value}`)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`)
  return `{${entries.join(',')}}`
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

export const hashOf = (value: Json): string => createHash('sha256').update(canonicalJson(value)).digest('hex')
