/** What no value of an inventory may hold: line breaks of any kind, halves of characters, and what Jinja renders. */
const refused = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|\{\{|\{%|\{#/u

/**
 * A value of a host's line, as Ansible reads it: the line is split as a shell does it, and what comes out is read as a
 * literal of Python. Numbers and true or false come out as such, everything else as the very same text.
 * @returns null for what INI cannot carry.
 */
export function iniValue(value: string | number | boolean): string | null {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  if (refused.test(value)) return null
  if (plain.test(value)) return value
  const literal = `'${value.replace(/[\\']/g, sign => `\\${sign}`)}'`
  return `"${literal.replace(/[\\"]/g, sign => `\\${sign}`)}"`
}

/** Paths, names and addresses: neither the shell nor Python reads them as anything but text. */
const plain = /^(?!(?:True|False|None)$)(?:[A-Za-z/][A-Za-z0-9_./-]*|\d+\.\d+\.\d+\.\d+)$/
