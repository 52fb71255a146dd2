import type { FindingName } from '../findingCatalogue.ts'
import type { Path } from './plainTree.ts'
import { type PrivateKey, type PrivateKeyFault, readPrivateKey } from './privateKey.ts'
import { emptiness, type KeyFileFault, putSecret, type Reading, refuse, withoutMark } from './secretLine.ts'

/** What a file that the cluster file names is for, and so what must be in it. */
export interface KeyFileKind {
  /** Part of the name under which the contents are kept. */
  readonly name: string
  /** The reader of a run as well: what is found right here is what is used there. Never quotes the contents. */
  read(contents: string): Reading<unknown>
}

export interface KeyFile {
  /** As written in the cluster file; relative to its folder. */
  readonly file: string
  readonly kind: KeyFileKind
  /** Where it is named, below the root of the cluster file. */
  readonly path: Path
}

/** A key or a password is far below this; more is another file. */
export const maxKeyFileBytes = 64 * 1024

/** Files with a secret by which a machine is reached. */
export const loginFileKinds = {
  privateKey: { name: 'private-key', read: readLoginKey },
  sudoPassword: { name: 'sudo-password', read: readSudoPassword },
} satisfies Record<string, KeyFileKind>

/** What is wrong with the contents of a key file, or null. Never quotes them. */
export function keyFileFault({ kind }: Pick<KeyFile, 'kind'>, bytes: Uint8Array): KeyFileFault | null {
  if (bytes.length > maxKeyFileBytes)
    return fault('key-file-too-large', `it has more than ${maxKeyFileBytes} bytes`, 'Is this the right file?')
  const text = textOf(bytes)
  if (text === null) return fault('key-file-no-text', 'it is not UTF-8 text', 'Is this the right file?')
  if (text.trim() === '') return fault('key-file-empty', emptiness(text), putSecret)
  const reading = kind.read(text)
  return reading.ok ? null : reading.fault
}

/** A password of a login may hold any sign, blanks around it as well; only the line's end is none of it. */
export function readSudoPassword(contents: string): Reading<string> {
  const text = withoutMark(contents).replace(/(?:\r?\n)+$/, '')
  if (/[\r\n]/.test(text.trim()))
    return refuse('key-file-lines', 'it has several lines', 'Keep the secret alone, on the first line.')
  return { ok: true, value: text }
}

/** A key that can be used without anybody who types its passphrase. */
export function readLoginKey(contents: string): Reading<PrivateKey> {
  const key = readPrivateKey(contents)
  switch (key.kind) {
    case 'usable':
      return { ok: true, value: key }
    case 'invalid':
      return { ok: false, fault: privateKeyFaults[key.fault] }
    case 'encrypted':
      return refuse(
        'key-file-passphrase',
        'it is protected by a passphrase, and nobody is there to type it during a run',
        'Load it into the SSH agent (ssh-add FILE) and remove key_file, or use a key without a passphrase.',
      )
  }
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
