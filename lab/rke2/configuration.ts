import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { isRecord } from './json.ts'

/** One file of configuration, already parsed: its keys in the order of the file. */
export type Keys = Record<string, unknown>

function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  const text = asText(value).trim()
  return text === '' ? [] : [text]
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = (_: string, one: unknown) => (typeof one === 'bigint' ? String(one) : one)
  return typeof value === 'object' ? JSON.stringify(value, text) : String(value)
}

/**
 * Merges files as RKE2 does: a later file replaces the value of a key, `key+` appends to what came before.
 * Returns `key → values`; a list has as many values as entries, anything else exactly one.
 */
export function mergeConfiguration(files: readonly Keys[]): Map<string, string[]> {
  const merged = new Map<string, unknown>()
  for (const file of files) {
    for (const [written, value] of Object.entries(file)) {
      const appends = written.endsWith('+')
      const key = appends ? written.slice(0, -1) : written
      merged.set(key, appends && merged.has(key) ? [...asList(merged.get(key)), ...asList(value)] : value)
    }
  }
  return new Map([...merged].map(([key, value]) => [key, Array.isArray(value) ? value.map(asText) : [asText(value)]]))
}

/** Reads `config.yaml` and `config.yaml.d/*.{yaml,yml}` in name order; none of them has to exist. */
export function readConfiguration(file: string): Map<string, string[]> {
  const folder = `${file}.d`
  const dropIns = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter(entry => !entry.isDirectory() && /\.ya?ml$/i.test(entry.name))
        .map(entry => join(folder, entry.name))
        .toSorted()
    : []
  const files = [...(existsSync(file) ? [file] : []), ...dropIns]
  return parseConfiguration(files.map(name => ({ name, text: readFileSync(name, 'utf8') })))
}

/** Merges files by their texts. Throws where one is no YAML, or no mapping of keys. */
export function parseConfiguration(files: readonly { name: string; text: string }[]): Map<string, string[]> {
  return mergeConfiguration(files.map(({ name, text }) => keysOf(name, text)))
}

/** Kinds of YAML 1.1 that RKE2's reader leaves as the text they are. */
const texts = new Set(['tag:yaml.org,2002:timestamp'])

/**
 * Reads YAML as RKE2's reader does: version 1.1, where an unquoted `0640` is the number 416 and `yes` is true; of a key
 * that stands twice the last one counts.
 */
function keysOf(name: string, text: string): Keys {
  let content: unknown
  try {
    content = parse(text, {
      version: '1.1',
      uniqueKeys: false,
      // Numbers of any length stay what they are.
      intAsBigInt: true,
      customTags: tags => tags.filter(tag => typeof tag === 'string' || !(texts.has(tag.tag) || tag.format === 'TIME')),
    })
  } catch (cause) {
    throw new Error(`failed to read config file ${name}`, { cause })
  }
  if (content === null || content === undefined) return {}
  if (!isRecord(content)) throw new Error(`failed to read config file ${name}: it is not a mapping of keys`)
  return content
}
