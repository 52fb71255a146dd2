/** A kind that a chart has objects of, and the API does not serve. */
export interface UnknownKind {
  readonly kind: string
  /** `monitoring.coreos.com/v1` */
  readonly apiVersion: string
}

/** How a client of Go says it, once for each object; Helm tells all of them at once. */
const words =
  /(?:resource mapping not found for name: "[^"]*" namespace: "[^"]*" from "[^"]*": )?no matches for kind "([^"]+)" in version "([^"]+)"(?:\s*ensure CRDs are installed first)?/g
const around =
  /^Error: |(?:UPGRADE|INSTALLATION) FAILED: |unable to (?:build|validate) [\w ]+ manifest: |^[WI]\d{4} .*$|^(?:WARNING|level=|time=).*$/gm

/** The kinds that Helm says are unknown, each once, and whether that is all it says. Pure. */
export function unknownKinds(stderr: string): { readonly kinds: readonly UnknownKind[]; readonly isAll: boolean } {
  const found = [...stderr.matchAll(words)].map(([, kind = '', apiVersion = '']) => ({ kind, apiVersion }))
  const kinds = [...new Map(found.map(one => [`${one.apiVersion} ${one.kind}`, one])).values()]
  const rest = stderr.replaceAll(words, '').replaceAll(around, '')
  return { kinds, isAll: kinds.length > 0 && !/\w/.test(rest) }
}
