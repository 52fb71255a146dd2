import type { Json } from '../../contract/json.ts'

/** All texts in settings, each under the names that lead to it. */
export const texts = (value: Json, name = ''): readonly (readonly [name: string, text: string])[] => {
  if (typeof value === 'string') return [[name, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([below, inner]) => texts(inner, `${name}.${below}`))
}

const secretName =
  /secret(?!_suffix)|passw|passphrase|token|private_key|access_key|account_key|api_key|sas_|credential|conn_str|encryption_key|customer_key|headers/i

/** Whether what stands under this name is for nobody's eyes; a path of a file that holds it counts as well. */
export const isSecretName = (name: string): boolean => secretName.test(name)

/** `postgres://user:password@host/db`, or `host=… password=…`: what nobody may see of it. */
export function loginIn(value: string): readonly string[] {
  const url = urlIn(value)
  if (url === null)
    return [...value.matchAll(/\b(?:password|passwd|sslpassword)\s*=\s*(?:'([^']+)'|([^\s'&]+))/gi)].flatMap(
      ([, quoted, plain]) => quoted ?? plain ?? [],
    )
  const inQuery = [...url.searchParams].flatMap(([name, one]) => (isSecretName(name) ? [one] : []))
  const raw = /^[a-z][\w+.-]*:\/\/[^/?#]*?:([^/?#]*)@/i.exec(value)?.[1]
  return [raw, raw === undefined ? undefined : decoded(raw), ...inQuery].flatMap(one => (one ? [one] : []))
}

/** The place that a setting names, without who logs in there and how. */
export function placeIn(value: string): string {
  const url = urlIn(value)
  if (url !== null) {
    const [, authority = '', path = ''] = /^[^:]+:\/\/([^/?#]*)([^?#]*)/.exec(value) ?? []
    const host = authority.slice(authority.lastIndexOf('@') + 1) || (url.searchParams.get('host') ?? '')
    return `${host}${path.replace(/\/$/, '')}`
  }
  const pairs = [...value.matchAll(/\b(host|hostaddr|port|dbname)\s*=\s*(?:'([^']*)'|(\S+))/g)]
  return pairs.length === 0 ? value : pairs.map(([, name, quoted, plain]) => `${name}=${quoted ?? plain}`).join(' ')
}

function urlIn(value: string): URL | null {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return null
  try {
    return new URL(value)
  } catch {
    return null
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
