import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { JumpHost } from './target.ts'

/** A host key as it was recorded at the first contact. */
export interface PinnedKey {
  /** Node name, or `jumpKeyName` of a jump host. */
  readonly host: string
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` … */
  readonly algorithm: string
  /** Public key, base64. */
  readonly key: string
}

/** Where pinned host keys are kept, a set for each cluster. */
export interface KnownHostsPort {
  list(cluster: string): Promise<readonly PinnedKey[]>
  /**
   * Records keys of hosts that have none. A host that has a key keeps it, whatever comes: the caller lists again and
   * compares, so that two first contacts at the same moment agree on one key.
   */
  record(cluster: string, keys: readonly PinnedKey[]): Promise<void>
}

export const pinnedKey = z.strictObject({
  host: z.string().regex(/^[A-Za-z0-9_.:-]{1,300}$/),
  algorithm: z.string().regex(/^[a-z0-9@.-]{1,64}$/),
  key: z.base64().max(8192),
})

/** Name a jump host's key is pinned under; the underscore keeps it apart from every node name. */
export const jumpKeyName = (jump: Pick<JumpHost, 'host' | 'port'>): string => `jump_${jump.host}_${jump.port}`

/** `SHA256:…`, as ssh prints it. */
export const fingerprint = (key: Pick<PinnedKey, 'key'>): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key.key, 'base64')).digest('base64').replace(/=+$/, '')}`

export const sameKey = (a: PinnedKey, b: PinnedKey): boolean =>
  a.host === b.host && a.algorithm === b.algorithm && a.key === b.key

/** A known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export const renderKnownHosts = (keys: readonly PinnedKey[]): string =>
  keys.map(key => `${key.host} ${key.algorithm} ${key.key}\n`).join('')

/** Reads what ssh wrote at a first contact; lines of another form are passed over. */
export function parseKnownHosts(text: string): PinnedKey[] {
  return text.split('\n').flatMap(line => {
    const [host, algorithm, key] = line.trim().split(/\s+/)
    const parsed = pinnedKey.safeParse({ host, algorithm, key })
    return parsed.success ? [parsed.data] : []
  })
}
