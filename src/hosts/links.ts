import { createHash } from 'node:crypto'
import { type PrivateKey, type PrivateKeyFault, readPrivateKey } from '../domain/clusterFile/privateKey.ts'
import { SlipwayError } from '../domain/errors.ts'
import type { SshHost } from './sshConfig.ts'

/** A host with the key it is logged in with and the name of its control socket. */
export interface PreparedHost extends SshHost {
  readonly key: PrivateKey | undefined
  /** Equal for two clusters' hosts only when cluster, way, login and key are the same. */
  readonly socket: string
}

const unusable: Readonly<Record<PrivateKeyFault, string>> = {
  public: 'this is a public key; the private key is needed',
  putty: 'this is a PuTTY key; a key in PEM or OpenSSH form is needed',
  'no-key': 'this is not a private key in PEM or OpenSSH form',
  damaged: 'the private key is cut off or damaged',
}

/** @param hosts each jump host before what lies behind it */
export function prepareHosts(cluster: string, hosts: readonly SshHost[]): Map<string, PreparedHost> {
  const prepared = new Map<string, PreparedHost>()
  for (const host of hosts) {
    const key = host.identity === undefined ? undefined : readPrivateKey(host.identity)
    const login = key && key.kind !== 'invalid' ? key.fingerprint : null
    const through = host.through === undefined ? null : (prepared.get(host.through)?.socket ?? null)
    const { alias, address, port, user, keyName, agent } = host
    const socket = createHash('sha256')
      .update(JSON.stringify([cluster, alias, address, port, user, keyName, agent, login, through]))
      .digest('hex')
      .slice(0, 16)
    prepared.set(alias, { ...host, key, socket })
  }
  return prepared
}

/** @throws SlipwayError `authentication-failed` when a login with this key cannot work, before anything is dialled. */
export function checkLogin(host: PreparedHost): void {
  const fail = (message: string, remedy: string) => {
    throw new SlipwayError('authentication-failed', `${host.alias}: ${message}`, {
      remedy,
      facts: { host: host.alias, step: 'login' },
    })
  }
  if (host.key?.kind === 'invalid') fail(unusable[host.key.fault], 'Name the private key in ssh.key_file.')
  if (host.key?.kind === 'encrypted' && !host.agent)
    fail(
      'the private key is protected by a passphrase',
      'Add it to an SSH agent (ssh-add) and leave ssh.key_file out, or use a key without passphrase.',
    )
  if (host.agent && process.env['SSH_AUTH_SOCK'] === undefined)
    fail(
      'there is no private key and no SSH agent',
      'Name a key in ssh.key_file, or start Slipway with SSH_AUTH_SOCK set.',
    )
}
