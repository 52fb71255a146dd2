/** Keys of RKE2's configuration whose value is a secret: in a cluster file they would be stored and shown in clear. */
const named: ReadonlySet<string> = new Set(['datastore-endpoint', 'vpn-auth', 'registry-password'])
/** Also keys of versions to come. */
const secretive =
  /(?:^|-)(?:passw(?:or)?d|passphrase|secret|secret-key|access-key|api-key|private-key|session-token|token|credentials)$/

/** `key` may carry the `+` that appends to an earlier value. Keys that name a file or a Kubernetes secret hold none. */
export function holdsSecret(key: string): boolean {
  const name = key.replace(/\+$/, '')
  return named.has(name) || (secretive.test(name) && name !== 'etcd-s3-config-secret')
}
