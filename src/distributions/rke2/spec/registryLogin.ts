import { isScalar, parseDocument } from 'yaml'
import { hasUnfitSigns, type Reading, refuse, withoutMark } from '../../../domain/clusterFile/secretLine.ts'

/** As registries.yaml takes it. */
export type RegistryLogin =
  | { readonly username: string; readonly password: string }
  /** A refresh token, where a registry gives those. */
  | { readonly identity_token: string }

/**
 * Reads a file with two lines, `username: …` and `password: …`, or with one, `identity_token: …`. A value in quotes is what YAML reads in them; any other
 * one is taken as it stands, whatever signs are in it: passwords are made by programs that know no YAML. Where people
 * may mean two things (blanks at the end, what looks like a comment, a quote that is not closed) nothing is guessed.
 */
export function readRegistryLogin(contents: string): Reading<RegistryLogin> {
  const found = new Map<string, string>()
  const lines = withoutMark(contents).split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    if (/^\s*(?:#.*)?$/.test(line) || (line === '---' && found.size === 0)) continue
    const [, key, written] = /^(?:(username|password|identity_token)):(?:[ \t]+(.*)|)$/s.exec(line) ?? []
    if (key === undefined) return wrong(`line ${index + 1} is neither \`username: …\` nor \`password: …\``)
    if (found.has(key)) return wrong(`${key} stands in it twice`)
    const value = readValue(key, written ?? '')
    if (!value.ok) return value
    found.set(key, value.value)
  }
  const identity_token = found.get('identity_token')
  if (identity_token !== undefined)
    return found.size === 1
      ? { ok: true, value: { identity_token } }
      : wrong('identity_token stands in it beside another line')
  const username = found.get('username')
  const password = found.get('password')
  if (username === undefined) return wrong('it has no line `username: …`')
  if (password === undefined) return wrong('it has no line `password: …`')
  return { ok: true, value: { username, password } }
}

const wrong = <Value>(message: string): Reading<Value> =>
  refuse(
    'key-file-credentials',
    message,
    'Write exactly two lines into it: `username: …` and `password: …`; or one: `identity_token: …`.',
  )

function readValue(key: string, written: string): Reading<string> {
  if (written === '') return wrong(`${key} is empty`)
  const quote = written.charAt(0)
  const value = quote === '"' || quote === "'" ? unquoted(written) : { text: written }
  if (value === null)
    return wrong(
      `the quotes around ${key} are not closed at its end; write it in single quotes, each one inside doubled`,
    )
  if (value.text === written && /\s(?:$|#)/.test(written))
    return wrong(
      `${key} ${/\s$/.test(written) ? 'ends with blanks' : 'has a # behind a blank'}; write it in single quotes if that belongs to it`,
    )
  if (value.text.trim() === '') return wrong(`${key} ${value.text === '' ? 'is empty' : 'holds nothing but blanks'}`)
  if (hasUnfitSigns(value.text)) return wrong(`${key} holds a control character`)
  return { ok: true, value: value.text }
}

/** A value in quotes, with nothing but a comment behind it; null when it is not properly quoted. */
function unquoted(written: string): { readonly text: string } | null {
  const { contents, errors, warnings } = parseDocument(written, { logLevel: 'silent', prettyErrors: false })
  if (errors.length > 0 || warnings.length > 0 || !isScalar(contents)) return null
  const { type, value } = contents
  const isQuoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE'
  return isQuoted && typeof value === 'string' ? { text: value } : null
}
