import type { z } from 'zod'

type Schema = z.core.JSONSchema.JSONSchema

/** What may stand for a value, in a few words: `number 1–20`, `list of texts`. Pure. */
export function kindOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.enum) return schema.enum.map(value => `\`${String(value)}\``).join(', ')
  if (schema.anyOf) return kindOfForms(schema.anyOf.filter(form => typeof form === 'object'))
  // A switch and a mode are taken in more forms than the one that is named here.
  const types: readonly unknown[] = [schema.type].flat()
  if (types.includes('boolean')) return 'true or false'
  if (types.length > 1) return 'text'
  switch (schema.type) {
    case 'array':
      return `list of ${schema.items && typeof schema.items === 'object' && !Array.isArray(schema.items) ? plural(kindOf(schema.items)) : 'values'}`
    case 'integer':
    case 'number':
      return `number${range(schema)}`
    case 'boolean':
      return 'true or false'
    case 'object':
      return 'map'
    default:
      return formats[schema.format ?? ''] ?? 'text'
  }
}

/** Of the forms that a value may have the canonical one is named; what else is taken stands above the tables. */
function kindOfForms(forms: readonly Schema[]): string {
  const canonical =
    forms.find(({ type }) => type === 'boolean') ??
    forms.find(({ type, minimum, maximum }) => type === 'integer' && safe(minimum ?? maximum) !== undefined) ??
    forms.find(({ type }) => type === 'object')
  if (canonical) return kindOf(canonical)
  const list = forms.find(({ type }) => type === 'array')
  if (list && forms.some(({ type }) => type === 'null')) return kindOf(list)
  if (forms.some(({ type }) => type === 'integer')) return 'text'
  return [...new Set(forms.filter(({ type }) => type !== 'null').map(kindOf))].join(' or ')
}

const formats: Record<string, string> = { uri: 'URL', ipv4: 'IPv4 address', ipv6: 'IPv6 address' }
const plural = (kind: string): string => (kind === 'text' ? 'texts' : kind === 'map' ? 'maps' : kind)

/** Bounds of whole numbers as such say nothing. */
const safe = (bound: number | undefined): number | undefined =>
  bound !== undefined && Math.abs(bound) < 2 ** 50 ? bound : undefined

function range({ minimum, maximum }: Schema): string {
  const [low, high] = [safe(minimum), safe(maximum)]
  if (low !== undefined && high !== undefined) return ` ${low}–${high}`
  return low !== undefined ? ` ≥ ${low}` : ''
}
