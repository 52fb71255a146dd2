import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { at, text } from './json.ts'
import { isStatus, type KubernetesApi } from './kubernetes-api.ts'

const secrets = '/api/v1/namespaces/kube-system/secrets'
/** RKE2 takes N = 2^15. A server that starts asks for this eight times, which would be half of its processor time. */
const cost = { N: 2 ** 10, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

export const secretName = (node: string) => `${node.toLowerCase()}.node-password.rke2`

/** This host's password: made once, and by no uninstall of another host's data touched. */
export async function ensureNodePassword(file: string): Promise<string> {
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim()
  const password = randomBytes(16).toString('hex')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, password, { mode: 0o600 })
  return password
}

export function hashPassword(password: string, salt = randomBytes(8).toString('hex')): string {
  return ['$1', salt, cost.N, cost.r, cost.p, scryptSync(password, salt, 64, cost).toString('base64')].join(':')
}

export function passwordMatches(password: string, hash: string): boolean {
  const salt = hash.split(':')[1] ?? ''
  const expected = Buffer.from(hash)
  const actual = Buffer.from(hashPassword(password, salt))
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** The host's password is not the one its name was registered with. */
export class PasswordRejected extends Error {}

/** Compares a node's password with the secret of its name, or makes the secret. Throws PasswordRejected. */
export async function verifyNodePassword(api: KubernetesApi, node: string, password: string): Promise<void> {
  const name = secretName(node)
  try {
    const hash = Buffer.from(text(at(await api.get(`${secrets}/${name}`), 'data', 'hash')) ?? '', 'base64').toString()
    if (passwordMatches(password, hash)) return
    throw new PasswordRejected(
      `Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag: unable to verify password for node ${node}: hash does not match`,
    )
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  }
  await api.post(secrets, {
    metadata: { name },
    immutable: true,
    data: { hash: Buffer.from(hashPassword(password)).toString('base64') },
  })
}

export async function deleteNodePassword(api: KubernetesApi, node: string): Promise<void> {
  try {
    await api.delete(`${secrets}/${secretName(node)}`)
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  }
}
