import type { Login } from '../../databases/login.ts'
import { type ConnectionSecret, type Part, parts } from './schema.ts'

/** What applications read; or what is missing for that, in the words of the Secret that the login comes from. */
export type Contents =
  | { readonly ok: true; readonly data: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly missing: readonly string[] }

/**
 * Never with anything empty. Pure.
 * @param login of the source. @param server what is known of it where the login does not say it.
 */
export function contentsOf(
  { database, host: setHost, port: setPort, keys = {}, scheme, parameters = {} }: ConnectionSecret,
  login: Login,
  server: { readonly host: string | null; readonly port: number } | null,
): Contents {
  const { user, password } = login
  const host = setHost ?? login.host ?? server?.host ?? null
  const known = setPort ?? server?.port
  const port = (setPort === undefined ? login.port : null) ?? (known === undefined ? null : String(known))
  const dbname = database ?? login.dbname
  const all = { user, password, host, port, dbname }
  if (user === null || password === null || host === null || port === null || dbname === null)
    return { ok: false, missing: Object.entries(all).flatMap(([key, value]) => (value === null ? [key] : [])) }
  const encoded = encodeURIComponent
  // libpq takes + for a plus sign.
  const query = Object.entries(parameters)
    .map(([key, value]) => `${encoded(key)}=${encoded(value)}`)
    .join('&')
  const at = host.includes(':') ? `[${host}]` : host
  const url = `${scheme}://${encoded(user)}:${encoded(password)}@${at}:${port}/${encoded(dbname)}${query === '' ? '' : `?${query}`}`
  const values: Record<Part, string> = { user, password, host, port, dbname, url }
  return {
    ok: true,
    data: Object.fromEntries(
      parts.map(part => [keys[part] ?? part, Buffer.from(values[part]).toString('base64')] as const),
    ),
  }
}

/** What of it no log is to show. Pure. */
export const secretsIn = (data: Readonly<Record<string, string>>, { keys = {} }: ConnectionSecret): string[] =>
  (['password', 'url'] as const).flatMap(part => {
    const value = data[keys[part] ?? part]
    return value === undefined ? [] : [Buffer.from(value, 'base64').toString('utf8')]
  })
