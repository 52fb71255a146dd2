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
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
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
  return mergeConfiguration(files.map(readKeys))
}

function readKeys(file: string): Keys {
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error(`failed to read config file ${file}`, { cause })
  }
  if (content === null || content === undefined) return {}
  if (!isRecord(content)) throw new Error(`failed to read config file ${file}: it is not a mapping of keys`)
  return content
}
