import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { at, list, text, textMap } from './json.ts'
import type { KubernetesApi } from './kubernetes-api.ts'
import type { Paths } from './paths.ts'

/** Where a rotation of the keys stands; `start` before the first. */
export type Stage = 'start' | 'reencrypt_active' | 'reencrypt_finished'

interface Key {
  name: string
  secret: string
}

/** Carries `<stage>-<hash of the configuration>`, one a server. */
const hashAnnotation = 'rke2.io/encryption-config-hash'
const configFile = (paths: Paths) => join(paths.cred, 'encryption-config.json')
const stateFile = (paths: Paths) => join(paths.cred, 'encryption-state.json')

/** Secrets are encrypted at rest from the first one on. */
export async function createEncryptionConfig(paths: Paths): Promise<void> {
  if (existsSync(configFile(paths))) return
  await mkdir(paths.cred, { recursive: true, mode: 0o700 })
  await writeKeys(paths, [newKey('aescbckey')], 'start')
}

function newKey(name: string): Key {
  return { name, secret: randomBytes(32).toString('base64') }
}

async function writeKeys(paths: Paths, keys: readonly Key[], stage: Stage): Promise<void> {
  const configuration = {
    kind: 'EncryptionConfiguration',
    apiVersion: 'apiserver.config.k8s.io/v1',
    resources: [{ resources: ['secrets'], providers: [{ aescbc: { keys } }, { identity: {} }] }],
  }
  await writeFile(configFile(paths), JSON.stringify(configuration), { mode: 0o600 })
  await writeFile(stateFile(paths), JSON.stringify({ stage }), { mode: 0o600 })
}

async function readKeys(paths: Paths): Promise<{ keys: Key[]; stage: string; hash: string }> {
  const configuration = await readFile(configFile(paths), 'utf8')
  const provider = list(at(list(at(JSON.parse(configuration), 'resources'))[0], 'providers'))[0]
  const keys = list(at(provider, 'aescbc', 'keys')).map(key => ({
    name: text(at(key, 'name')) ?? '',
    secret: text(at(key, 'secret')) ?? '',
  }))
  return {
    keys,
    stage: text(at(JSON.parse(await readFile(stateFile(paths), 'utf8')), 'stage')) ?? 'start',
    hash: createHash('sha256').update(configuration).digest('hex'),
  }
}

/** Shows on this server's Node which configuration its API server has. */
export async function showEncryption(paths: Paths, api: KubernetesApi, node: string): Promise<void> {
  const { stage, hash } = await readKeys(paths)
  await api.patch(`/api/v1/nodes/${node}`, { metadata: { annotations: { [hashAnnotation]: `${stage}-${hash}` } } })
}

/** What `rke2 secrets-encrypt status` prints. */
export async function encryptionStatus(paths: Paths, api: KubernetesApi): Promise<string> {
  const { keys, stage } = await readKeys(paths)
  const nodes = await api.items('/api/v1/nodes?labelSelector=node-role.kubernetes.io/control-plane')
  const hashes = nodes.map(node =>
    (textMap(at(node, 'metadata', 'annotations'))[hashAnnotation] ?? '').split('-').at(-1),
  )
  return [
    'Encryption Status: Enabled',
    `Current Rotation Stage: ${stage}`,
    `Server Encryption Hashes: ${new Set(hashes).size === 1 ? 'All hashes match' : 'hash does not match between servers'}`,
    '',
    'Active  Key Type  Name',
    '------  --------  ----',
    ...keys.map(({ name }, index) => ` ${index === 0 ? '*' : ' '}      AES-CBC   ${name}`),
    '',
  ].join('\n')
}

/**
 * Puts a new key first, writes every secret anew, then drops the old keys. `reload` makes the API server read the
 * configuration, and `share` hands it to the other servers, which take it at their next start.
 */
export async function rotateKeys(
  paths: Paths,
  api: KubernetesApi,
  reload: () => Promise<void>,
  share: () => Promise<void>,
): Promise<void> {
  const { keys } = await readKeys(paths)
  const key = newKey(`aescbckey-${new Date().toISOString().replace(/\.\d+Z$/, 'Z')}`)
  await writeKeys(paths, [key, ...keys], 'reencrypt_active')
  await reload()
  for (const secret of await api.items('/api/v1/secrets')) {
    const namespace = text(at(secret, 'metadata', 'namespace'))
    await api.put(`/api/v1/namespaces/${namespace}/secrets/${text(at(secret, 'metadata', 'name'))}`, secret)
  }
  await writeKeys(paths, [key], 'reencrypt_finished')
  await share()
  await reload()
}
