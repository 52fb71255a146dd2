import type { Rke2Spec } from '../spec/spec.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import type { RegistryLogin } from '../spec/registryLogin.ts'
import { renderConfigText } from './configEntries.ts'
import type { Json } from '../../../contract/json.ts'

/** First line of files that are removed again when they are no longer wanted; a file without it is somebody else's. */
export const ownFileMark = '# Written by Slipway; changes are overwritten.'

export interface FileEntry {
  readonly key: string
  readonly value: Json
}

/** Entries of registries.yaml; `logins` by registry, opened from their sealed form. Empty when there is nothing to say. */
export function registriesEntries(
  registries: Rke2Spec['registries'],
  logins: Readonly<Record<string, RegistryLogin>> = {},
): FileEntry[] {
  const entries: FileEntry[] = []
  if (registries?.mirrors && Object.keys(registries.mirrors).length > 0)
    entries.push({ key: 'mirrors', value: sorted(registries.mirrors) })
  const names = new Set([...Object.keys(registries?.configs ?? {}), ...Object.keys(logins)])
  const configs: Record<string, Json> = {}
  for (const name of names) {
    const login = logins[name]
    const tls = registries?.configs?.[name]?.tls
    configs[name] = sorted({ ...(login && { auth: { ...login } }), ...(tls && { tls }) })
  }
  if (names.size > 0) entries.push({ key: 'configs', value: sorted(configs) })
  return entries
}

/** The exact bytes of registries.yaml; empty text when there is to be none. */
export const registriesText = (entries: readonly FileEntry[]): string =>
  entries.length === 0 ? '' : `${ownFileMark}\n${renderConfigText(entries)}`

/**
 * Entries of /etc/default/rke2-server|agent. RKE2 itself adds the pod and service ranges and the cluster's domain to
 * NO_PROXY; `direct` adds what this node must reach without the proxy (the endpoint and the server it joins).
 */
export function environmentEntries(
  proxy: Rke2Spec['proxy'],
  direct: readonly string[] = [],
): { key: string; value: string }[] {
  if (!proxy?.http_proxy && !proxy?.https_proxy) return []
  const entries: { key: string; value: string }[] = []
  if (proxy.http_proxy) entries.push({ key: 'HTTP_PROXY', value: proxy.http_proxy })
  if (proxy.https_proxy) entries.push({ key: 'HTTPS_PROXY', value: proxy.https_proxy })
  const exceptions = [...new Set(['127.0.0.1', 'localhost', '::1', ...direct, ...(proxy.no_proxy ?? [])])]
  for (const one of exceptions)
    if (!/^[A-Za-z0-9.:*/_[\]-]+$/.test(one))
      throw new SlipwayError(
        'cluster-file-invalid',
        `proxy.no_proxy: ${JSON.stringify(one)} is not a host, domain or range`,
      )
  entries.push({ key: 'NO_PROXY', value: exceptions.join(',') })
  return entries
}

/** The exact bytes of the environment file. The schema keeps quotes, backslashes and blanks out of proxy URLs. */
export const environmentText = (entries: readonly { readonly key: string; readonly value: string }[]): string =>
  entries.length === 0 ? '' : `${ownFileMark}\n${entries.map(({ key, value }) => `${key}="${value}"\n`).join('')}`

/** Keys in alphabetical order at every depth: the database does not keep the order the user wrote. */
function sorted(value: unknown): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, sorted(inner)]),
    )
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  throw new SlipwayError('internal', `a ${typeof value} cannot be written to a file`)
}
