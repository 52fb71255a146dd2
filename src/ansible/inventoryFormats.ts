import { SlipwayError } from '../domain/errors.ts'
import type { Groups, HostVariables, Inventory } from './inventory.ts'
import type { Json } from '../contract/json.ts'

/**
 * YAML for Ansible. Every string is marked `!unsafe`, so that Jinja never renders it again, and written in double
 * quotes with everything escaped that YAML would read as more than a character.
 */
export function renderInventoryYaml(inventory: Inventory): string {
  const lines = ['all:', '  hosts:' + (inventory.hosts.length === 0 ? ' {}' : '')]
  for (const { name, variables } of inventory.hosts) {
    lines.push(`    ${yamlText(name)}:`)
    for (const [key, value] of Object.entries(variables)) lines.push(`      ${yamlText(key)}: ${yamlValue(value)}`)
  }
  lines.push('  children:')
  for (const [group, names] of Object.entries(inventory.groups)) lines.push(...yamlGroup(group, names))
  for (const [group, children] of Object.entries(inventory.parents))
    lines.push(`    ${group}:`, '      children:', ...children.map(child => `        ${child}: {}`))
  return `${lines.join('\n')}\n`
}

const yamlGroup = (group: string, names: readonly string[]): string[] => [
  `    ${group}:`,
  `      hosts:${names.length === 0 ? ' {}' : ''}`,
  ...names.map(name => `        ${yamlText(name)}: {}`),
]

function yamlValue(value: Json): string {
  if (typeof value === 'string') return `!unsafe ${yamlText(value)}`
  if (typeof value === 'number') return yamlNumber(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (isList(value)) return `[${value.map(yamlValue).join(', ')}]`
  const pairs = Object.entries(value).map(([key, inner]) => `${yamlText(key)}: ${yamlValue(inner)}`)
  return `{${pairs.join(', ')}}`
}

const isList = (value: readonly Json[] | { readonly [key: string]: Json }): value is readonly Json[] =>
  Array.isArray(value)

function yamlNumber(value: number): string {
  const text = JSON.stringify(value)
  // YAML 1.1 reads an exponent as a number only after a decimal point.
  return /^-?\d+e/.test(text) ? text.replace('e', '.0e') : text
}

/** Characters JSON leaves alone that YAML takes for a line break, or refuses. */
const notInYaml = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

/** Printable ASCII without quote and backslash: nearly all text, and nothing in it has to be escaped. */
const plain = /^[ !#-[\]-~]*$/

function yamlText(text: string): string {
  if (plain.test(text)) return `"${text}"`
  if (!text.isWellFormed())
    throw new SlipwayError('cluster-conflict', `half a character (a lone surrogate) in ${JSON.stringify(text)}`)
  return JSON.stringify(text).replace(notInYaml, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** What a script inventory prints for `--list`: groups, and all variables in `_meta`, so that `--host` is not called. */
export function renderInventoryJson(inventory: Inventory): string {
  const groups = Object.fromEntries(Object.entries(inventory.groups).map(([group, hosts]) => [group, { hosts }]))
  const parents = Object.fromEntries(
    Object.entries(inventory.parents).map(([group, children]) => [group, { children }]),
  )
  const hostvars = Object.fromEntries(inventory.hosts.map(host => [host.name, jsonVariables(host.variables)]))
  return JSON.stringify({
    all: { children: outermost(inventory) },
    ...groups,
    ...parents,
    _meta: { hostvars },
  })
}

/** The groups that are in no other one. */
function outermost({ groups, parents }: { readonly groups: Groups; readonly parents: Groups }): string[] {
  const inner = new Set(Object.values(parents).flat())
  return [...Object.keys(parents), ...Object.keys(groups)].filter(group => !inner.has(group))
}

/** What a script inventory prints for `--host NAME`: `{}` for a host that is not there, as Ansible expects it. */
export function renderHostJson(inventory: Inventory, name: string): string {
  const host = inventory.hosts.find(one => one.name === name)
  return JSON.stringify(host ? jsonVariables(host.variables) : {})
}

const templateMarker = /\{\{|\{%|\{#/

const jsonVariables = (variables: HostVariables): HostVariables =>
  Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, jsonValue(value)]))

/** Ansible's own JSON form of an unsafe string; only where it is needed, since other tools read this too. */
function jsonValue(value: Json): Json {
  if (typeof value === 'string') return templateMarker.test(value) ? { __ansible_unsafe: value } : value
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(jsonValue)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonValue(inner)]))
}

/**
 * INI for people. It has no unsafe strings, no escapes and no nested values.
 * @throws SlipwayError `usage` on a value that INI can't carry unchanged.
 */
export function renderInventoryIni(inventory: Inventory): string {
  const lines: string[] = []
  const byName = new Map(inventory.hosts.map(host => [host.name, host]))
  const written = new Set<string>()
  for (const [group, names] of Object.entries(inventory.groups)) {
    lines.push(`[${group}]`)
    for (const name of names) {
      const variables = written.has(name) ? {} : (byName.get(name)?.variables ?? {})
      written.add(name)
      lines.push(
        [name, ...Object.entries(variables).map(([key, value]) => `${key}=${iniValue(name, key, value)}`)].join(' '),
      )
    }
    lines.push('')
  }
  for (const [group, children] of Object.entries(inventory.parents)) lines.push(`[${group}:children]`, ...children, '')
  return lines.join('\n')
}

/** Letters, digits and what addresses and paths need: Python does not read it as anything but text. */
const iniWord = /^[A-Za-z][A-Za-z0-9_./-]*$|^\d+\.\d+\.\d+\.\d+$/
const iniLiteral = new Set(['True', 'False', 'None'])
const notInIni = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}'"\\#;]/u

function iniValue(host: string, key: string, value: Json): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string' && iniWord.test(value) && !iniLiteral.has(value)) return value
  if (typeof value === 'string' && !notInIni.test(value) && !templateMarker.test(value)) return `"'${value}'"`
  throw new SlipwayError('usage', `the INI format cannot carry ${key} of ${host} unchanged`, {
    remedy: 'Export as yaml or json.',
    facts: { host, variable: key },
  })
}
