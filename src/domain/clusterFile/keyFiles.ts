import type { FindingName } from '../findingCatalogue.ts'
import type { FolderRules } from './folderArchive.ts'
import type { Path } from './plainTree.ts'
import { type PrivateKey, type PrivateKeyFault, readPrivateKey } from './privateKey.ts'
import { emptiness, type KeyFileFault, putSecret, type Reading, refuse, withoutMark } from './secretLine.ts'

/** What a file that the cluster file names is for, and so what must be in it. */
export interface KeyFileKind {
  /** Part of the name under which the contents are kept. */
  readonly name: string
  /** Bytes that it may have; default: those of a key. */
  readonly maxBytes?: number
  /** It is no text: its contents are kept, and sent, in base64. */
  readonly binary?: true
  /**
   * A folder is meant: whoever sends it packs it (`packFolder`), and what is kept and read is that archive, as `binary`.
   * `orFile`: a file as well, which is then sent as it is.
   */
  readonly folder?: FolderRules & { readonly orFile?: true }
  /** It is brought to the machines as it is, and no secret by itself: others may read it, and no log is searched for it. */
  readonly open?: true
  /** The reader of a run as well: what is found right here is what is used there. Never quotes the contents. */
  read(contents: string): Reading<unknown>
  /** What the name of the file allows; `read` has found nothing wrong. */
  fits?(file: string, contents: string): KeyFileFault | null
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
/** Of a file that is brought to the machines: what etcd takes in one request, and RKE2 in one manifest. */
export const maxOpenFileBytes = 1024 * 1024
/** All files of one cluster file together. */
export const maxAllFilesBytes = 16 * 1024 * 1024

export const mostBytes = ({ maxBytes }: KeyFileKind): number => maxBytes ?? maxKeyFileBytes

/** Files with a secret by which a machine is reached. */
export const loginFileKinds = {
  privateKey: { name: 'private-key', read: readLoginKey },
  sudoPassword: { name: 'sudo-password', read: readSudoPassword },
} satisfies Record<string, KeyFileKind>

/** The contents of a file as they are sent and kept. */
export const contentsOf = ({ binary }: KeyFileKind, bytes: Uint8Array): string =>
  binary ? Buffer.from(bytes).toString('base64') : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

/** The file of contents that were sent. What is no base64 becomes something that no kind takes. */
export const fileOf = ({ binary }: KeyFileKind, contents: string): Uint8Array =>
  binary ? Buffer.from(contents, 'base64') : new TextEncoder().encode(contents)

/** What is wrong with the contents of a key file, or null. Never quotes them. */
export function keyFileFault({ kind, file }: Pick<KeyFile, 'kind' | 'file'>, bytes: Uint8Array): KeyFileFault | null {
  const names = namesOf(kind)
  const most = mostBytes(kind)
  if (bytes.length > most) return fault(names.large, `it has more than ${most} bytes`, 'Is this the right file?')
  const text = kind.binary ? contentsOf(kind, bytes) : textOf(bytes)
  if (text === null) return fault(names.binary, 'it is not UTF-8 text', 'Is this the right file?')
  if (text.trim() === '') return fault(names.empty, emptiness(text), kind.open ? removeName : putSecret)
  const reading = kind.read(text)
  return reading.ok ? (kind.fits?.(file, text) ?? null) : reading.fault
}

/** What is wrong with all files of a cluster file together, by their contents; or null. */
export function filesFault(files: Readonly<Record<string, string>>): KeyFileFault | null {
  const total = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (total <= maxAllFilesBytes) return null
  return fault(
    faultNames.open.large,
    `the files that it names have ${total} bytes together, at most ${maxAllFilesBytes} are taken`,
    'Let something else deploy what is so large.',
  )
}

const faultNames = {
  secret: { large: 'key-file-too-large', binary: 'key-file-no-text', empty: 'key-file-empty' },
  open: { large: 'own-file-too-large', binary: 'own-file-no-text', empty: 'own-file-empty' },
} as const
const namesOf = ({ open, folder }: KeyFileKind) =>
  folder ? { ...faultNames.open, large: 'folder-too-large' as const } : open ? faultNames.open : faultNames.secret
const removeName = 'Put into it what is to be there, or take its name out of the cluster file.'

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
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
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
