import type { ClusterSpec, SshSettings } from '../cluster.ts'
import type { FindingName } from '../findingCatalogue.ts'
import type { Path } from './plainTree.ts'
import { type PrivateKeyFault, readPrivateKey } from './privateKey.ts'
import { readRegistryLogin } from './registryLogin.ts'
import {
  emptiness,
  type KeyFileFault,
  putSecret,
  type Reading,
  readSecretLine,
  refuse,
  withoutMark,
} from './secretLine.ts'
import { readServerToken } from './serverToken.ts'

/** What a file that the cluster file names is for, and so what must be in it. */
export type KeyFileKind = 'private-key' | 'sudo-password' | 'token' | 'registry-credentials' | 'config-secret'

export interface KeyFile {
  /** As written in the cluster file; relative to its folder. */
  readonly file: string
  readonly kind: KeyFileKind
  /** Where it is named, below the root of the cluster file. */
  readonly path: Path
}

/** A key or a password is far below this; more is another file. */
export const maxKeyFileBytes = 64 * 1024

/** Every file the cluster file names; a file named twice for the same purpose is listed once. */
export function keyFilesOf(spec: ClusterSpec): KeyFile[] {
  const named: KeyFile[] = [
    ...ofSsh(spec.ssh, ['spec', 'ssh']),
    ...(spec.token_file ? [{ file: spec.token_file, kind: 'token' as const, path: ['spec', 'token_file'] }] : []),
    ...Object.entries(spec.registries?.configs ?? {}).flatMap(([host, config]): KeyFile[] =>
      config.auth_file
        ? [
            {
              file: config.auth_file,
              kind: 'registry-credentials',
              path: ['spec', 'registries', 'configs', host, 'auth_file'],
            },
          ]
        : [],
    ),
    ...Object.entries(spec.secret_files ?? {}).map(
      ([key, file]): KeyFile => ({ file, kind: 'config-secret', path: ['spec', 'secret_files', key] }),
    ),
    ...spec.nodes.flatMap((node, index) => ofSsh(node.ssh, ['spec', 'nodes', index, 'ssh'])),
  ]
  const first = new Map(named.toReversed().map(file => [`${file.kind} ${file.file}`, file]))
  return named.filter(file => first.get(`${file.kind} ${file.file}`) === file)
}

function ofSsh(ssh: SshSettings | undefined, path: Path): KeyFile[] {
  const jumps = (ssh?.jump ?? []).flatMap((jump, index): KeyFile[] =>
    jump.key_file ? [{ file: jump.key_file, kind: 'private-key', path: [...path, 'jump', index, 'key_file'] }] : [],
  )
  const found: KeyFile[] = []
  if (ssh?.key_file) found.push({ file: ssh.key_file, kind: 'private-key', path: [...path, 'key_file'] })
  if (ssh?.sudo_password_file)
    found.push({ file: ssh.sudo_password_file, kind: 'sudo-password', path: [...path, 'sudo_password_file'] })
  return [...found, ...jumps]
}

/** What is wrong with the contents of a key file, or null. Never quotes them. */
export function keyFileFault(kind: KeyFileKind, bytes: Uint8Array): KeyFileFault | null {
  if (bytes.length > maxKeyFileBytes)
    return fault('key-file-too-large', `it has more than ${maxKeyFileBytes} bytes`, 'Is this the right file?')
  const text = textOf(bytes)
  if (text === null) return fault('key-file-no-text', 'it is not UTF-8 text', 'Is this the right file?')
  if (text.trim() === '') return fault('key-file-empty', emptiness(text), putSecret)
  if (kind === 'private-key') return privateKeyFault(text)
  // The same readers as those of a run: what is found right here is what is used there.
  const reading = readers[kind](text)
  return reading.ok ? null : reading.fault
}

const readers = {
  'registry-credentials': readRegistryLogin,
  token: readServerToken,
  'config-secret': readSecretLine,
  'sudo-password': readSudoPassword,
} as const

/** A password of a login may hold any sign, blanks around it as well; only the line's end is none of it. */
export function readSudoPassword(contents: string): Reading<string> {
  const text = withoutMark(contents).replace(/(?:\r?\n)+$/, '')
  if (/[\r\n]/.test(text.trim()))
    return refuse('key-file-lines', 'it has several lines', 'Keep the secret alone, on the first line.')
  return { ok: true, value: text }
}

function fault(name: FindingName, message: string, remedy: string): KeyFileFault {
  return { name, message, remedy }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

const privateKeyFaults: Readonly<Record<PrivateKeyFault, KeyFileFault>> = {
  public: fault('key-file-public', 'it is a public key', 'Name the private key: the file without .pub.'),
  putty: fault('key-file-putty', 'it is a PuTTY key', 'Convert it: puttygen KEY.ppk -O private-openssh -o KEY.'),
  'no-key': fault(
    'key-file-no-key',
    'it is not a private key (PEM or OpenSSH)',
    'Name the private key file of the login.',
  ),
  damaged: fault(
    'key-file-damaged',
    'the private key in it is cut off or damaged',
    'Copy the file again; `ssh-keygen -y -f FILE` reads one that is whole.',
  ),
}

function privateKeyFault(text: string): KeyFileFault | null {
  const key = readPrivateKey(text)
  if (key.kind === 'invalid') return privateKeyFaults[key.fault]
  if (key.kind === 'encrypted')
    return fault(
      'key-file-passphrase',
      'it is protected by a passphrase, and nobody is there to type it during a run',
      'Load it into the SSH agent (ssh-add FILE) and remove key_file, or use a key without a passphrase.',
    )
  return null
}
