import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EtcdClient } from './etcd-client.ts'
import { isRecord } from './json.ts'
import type { Paths } from './paths.ts'
import { sharedFiles } from './server-certificates.ts'

// What a second server needs of the first: authorities, the service account key, the encryption configuration.
// It travels over the supervisor, and lies in etcd encrypted with the server token: without the token it is lost.

const folder = '/bootstrap/'

/** Key in etcd for a token's password. */
export function storageKey(password: string): string {
  return folder + createHash('sha256').update(password).digest('hex').slice(0, 12)
}

function derive(password: string, salt: string): Buffer {
  return pbkdf2Sync(password, salt, 4096, 32, 'sha1')
}

export function encrypt(password: string, plain: string): string {
  const salt = randomBytes(8).toString('hex')
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', derive(password, salt), nonce)
  const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${salt}:${sealed.toString('base64')}`
}

export function decrypt(password: string, stored: string): string {
  const [salt = '', body = ''] = stored.split(':')
  const sealed = Buffer.from(body, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', derive(password, salt), sealed.subarray(0, 12))
  decipher.setAuthTag(sealed.subarray(-16))
  return decipher.update(sealed.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')
}

/** The bootstrap data as it is on disk. */
export async function readBootstrapData(paths: Paths): Promise<string> {
  const entries = sharedFiles.map(async name => [name, (await readFile(join(paths.server, name))).toString('base64')])
  return JSON.stringify(Object.fromEntries(await Promise.all(entries)))
}

/** Writes bootstrap data over what is on disk; unknown names are refused. */
export async function writeBootstrapData(paths: Paths, data: string): Promise<void> {
  const files: unknown = JSON.parse(data)
  if (!isRecord(files)) throw new Error('bootstrap data is not a mapping of files')
  for (const name of sharedFiles) {
    const content = files[name]
    if (typeof content !== 'string') throw new Error(`bootstrap data lacks ${name}`)
    const file = join(paths.server, name)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, Buffer.from(content, 'base64'), { mode: 0o600 })
  }
}

/** Reads the stored bootstrap data. Undefined where there is none yet; throws when it belongs to another token. */
export async function loadBootstrapData(etcd: EtcdClient, password: string): Promise<string | undefined> {
  const stored = await etcd.list(folder)
  if (stored.size === 0) return undefined
  const mine = stored.get(storageKey(password))
  if (mine === undefined) throw new Error('bootstrap data already found and encrypted with different token')
  return decrypt(password, mine)
}

export async function saveBootstrapData(etcd: EtcdClient, password: string, data: string): Promise<void> {
  await etcd.put(storageKey(password), encrypt(password, data))
}

/** Stores the data under a new token's key and drops the old one. */
export async function moveBootstrapData(etcd: EtcdClient, oldPassword: string, newPassword: string): Promise<void> {
  const data = await loadBootstrapData(etcd, oldPassword)
  if (data === undefined) throw new Error('no bootstrap data found')
  await saveBootstrapData(etcd, newPassword, data)
  if (oldPassword !== newPassword) await etcd.delete(storageKey(oldPassword))
}
