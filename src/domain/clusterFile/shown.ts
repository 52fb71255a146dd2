import { holdsPrivateKey } from '../values/fileNames.ts'

/** A value as a message may quote it: one line, escaped, short, and without a login or a private key. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a map'
  if (typeof value === 'number') return String(value)
  const text = escaped(JSON.stringify(typeof value === 'string' ? withoutLogin(value) : value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}…${text.slice(-1)}` : text
}

/** Signs that JSON leaves as they are and a terminal does not: controls, breaks of lines, directions of writing. */
const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, sign => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)

interface Login {
  /** `http://`, where one stands before it. */
  readonly scheme: string
  readonly login: string
  /** From the @ on. */
  readonly rest: string
}

/** USER:PASSWORD of USER:PASSWORD@HOST, with or without a scheme; a password may hold any sign, an @ as well. */
function loginIn(text: string): Login | null {
  // An image's digest (pause:3.6@sha256:…) is no host.
  const [, before = '', rest = ''] = /^(.*)(@(?!sha\d+:).*)$/s.exec(text) ?? []
  if (!before.includes(':')) return null
  const [scheme = ''] = /^\s*[a-z][a-z0-9+.-]*:[/\\]+/i.exec(before) ?? []
  return { scheme, login: before.slice(scheme.length), rest }
}

/** A text without the login that is in it, and nothing at all of a private key. */
export function withoutLogin(text: string): string {
  if (holdsPrivateKey(text)) return '…'
  const found = loginIn(text)
  return found ? `${found.scheme}…${found.rest}` : text
}

/** What others say about a value, without the login that stands in the value. */
export function withoutLoginOf(value: unknown, said: string): string {
  const found = typeof value === 'string' ? loginIn(value) : null
  if (!found) return said
  const password = found.login.slice(found.login.indexOf(':') + 1)
  return [found.login, password]
    .filter(part => part.length > 2)
    .reduce((text, part) => text.replaceAll(part, '…'), said)
}
