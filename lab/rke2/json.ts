// The door through which JSON from outside enters: every reader says what it expects and gets exactly that type.
export type Fields = Record<string, unknown>

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path of keys, or undefined where the path ends early. */
export function at(value: unknown, ...path: string[]): unknown {
  let here = value
  for (const key of path) here = isRecord(here) ? here[key] : undefined
  return here
}

export function record(value: unknown): Fields {
  return isRecord(value) ? value : {}
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function texts(value: unknown): string[] {
  return list(value).filter(item => typeof item === 'string')
}

/** A mapping of strings, such as labels and annotations; other values are left out. */
export function textMap(value: unknown): Record<string, string> {
  const entries: [string, string][] = []
  for (const [key, item] of Object.entries(record(value))) if (typeof item === 'string') entries.push([key, item])
  return Object.fromEntries(entries)
}
