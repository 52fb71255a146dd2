import { parse } from 'yaml'
import type { ConfigScalar, ConfigValue } from '../files/configEntries.ts'
import type { WrittenFile } from './written.ts'

/** What the configuration of one machine says, by key. */
export type Settings = ReadonlyMap<string, ConfigValue>

/** RKE2 takes these in its files as well. */
const shortForms: Readonly<Record<string, string>> = { s: 'server', t: 'token', d: 'data-dir' }

/**
 * Merges the files as RKE2 does: a later one replaces a key, `KEY+` adds to what came before. Null where one of them is
 * nothing that RKE2 could read. Pure.
 */
export function settingsOf(files: readonly WrittenFile[]): Settings | null {
  const merged = new Map<string, ConfigValue>()
  for (const { content } of files) {
    const keys = keysOf(Buffer.from(content, 'base64').toString('utf8'))
    if (keys === null) return null
    for (const [written, value] of keys) {
      const bare = written.replace(/\+$/, '')
      const key = shortForms[bare] ?? bare
      const before = merged.get(key)
      merged.set(key, written.endsWith('+') && before !== undefined ? [...itemsOf(before), ...itemsOf(value)] : value)
    }
  }
  return merged
}

/** The values of a setting; RKE2 takes `a,b` for two where it takes several. */
export const itemsOf = (value: ConfigValue | undefined): readonly ConfigScalar[] =>
  value === undefined ? [] : typeof value === 'object' ? value : [value]

/** The same, as texts without blanks around them. */
export const textsOf = (value: ConfigValue | undefined): string[] =>
  itemsOf(value).flatMap(item =>
    String(item)
      .split(',')
      .map(part => part.trim())
      .filter(part => part !== ''),
  )

/** YAML 1.1, as RKE2 reads it: an unquoted 0640 is the number 416 and `yes` is true; of a key that stands twice the last counts. */
function keysOf(text: string): readonly (readonly [string, ConfigValue])[] | null {
  let content: unknown
  try {
    content = parse(text, {
      version: '1.1',
      uniqueKeys: false,
      logLevel: 'error',
      // RKE2 leaves a time as the text it is.
      customTags: tags =>
        tags.filter(
          tag => typeof tag === 'string' || !(tag.tag === 'tag:yaml.org,2002:timestamp' || tag.format === 'TIME'),
        ),
    })
  } catch {
    return null
  }
  if (content === null || content === undefined) return []
  if (typeof content !== 'object' || Array.isArray(content)) return null
  return Object.entries(content).map(([key, value]) => [key, valueOf(value)] as const)
}

const valueOf = (value: unknown): ConfigValue => (Array.isArray(value) ? value.map(scalarOf) : scalarOf(value))

function scalarOf(value: unknown): ConfigScalar {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return value === null || value === undefined ? '' : JSON.stringify(value)
}
