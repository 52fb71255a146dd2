/** Where a field stands: keys of maps, places in lists. */
export type FieldPath = readonly (string | number)[]

/**
 * Where in an object a field is that the API names: `.spec.containers[name="web"].image`. Names may hold dots, so that only
 * the object tells where one ends. Null: the object has no such field. Pure.
 */
export function fieldPathIn(object: unknown, field: string): FieldPath | null {
  if (field === '') return []
  if (typeof object !== 'object' || object === null) return null
  if (field.startsWith('[')) {
    const end = closing(field)
    if (end < 0 || !Array.isArray(object)) return null
    const at = placeOf(object, field.slice(1, end))
    return at < 0 ? null : under(at, object[at], field.slice(end + 1))
  }
  if (Array.isArray(object)) return null
  for (const [key, inner] of Object.entries(object)) {
    const rest = field.slice(key.length + 1)
    if (!field.startsWith(`.${key}`) || !/^(?:$|[.[])/.test(rest)) continue
    const found = under(key, inner, rest)
    if (found) return found
  }
  return null
}

function under(step: string | number, inner: unknown, rest: string): FieldPath | null {
  const found = fieldPathIn(inner, rest)
  return found && [step, ...found]
}

/** Of the bracket that is open at the beginning; -1: it stays open. */
function closing(field: string): number {
  let quoted = false
  for (let at = 0; at < field.length; at += 1) {
    if (field[at] === '\\') at += 1
    else if (field[at] === '"') quoted = !quoted
    else if (field[at] === ']' && !quoted) return at
  }
  return -1
}

/** @param words `3`, `="a"`, `containerPort=80,protocol="TCP"`; what an element does not say is as the API has it by itself. */
function placeOf(list: readonly unknown[], words: string): number {
  if (/^\d+$/.test(words)) return Number(words) < list.length ? Number(words) : -1
  const keys = [...words.matchAll(/([^=,]*)=("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, key = '', value = '']): [string, unknown] => [key, parsed(value)],
  )
  return list.findIndex(element =>
    keys.every(([key, value]) => {
      if (key === '') return element === value
      if (typeof element !== 'object' || element === null) return false
      const own: unknown = Object.hasOwn(element, key) ? (element as Record<string, unknown>)[key] : undefined
      return own === undefined || own === value
    }),
  )
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** The object without that field. Pure. */
export function withoutField(object: unknown, [step, ...rest]: FieldPath): unknown {
  if (step === undefined || typeof object !== 'object' || object === null) return object
  if (Array.isArray(object)) {
    const list: readonly unknown[] = object
    return rest.length === 0
      ? list.filter((_one, at) => at !== step)
      : list.map((one, at) => (at === step ? withoutField(one, rest) : one))
  }
  const entries = Object.entries(object).flatMap(([key, value]): [string, unknown][] => {
    if (key !== step) return [[key, value]]
    return rest.length === 0 ? [] : [[key, withoutField(value, rest)]]
  })
  return Object.fromEntries(entries)
}
