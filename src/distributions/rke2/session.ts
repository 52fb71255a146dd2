import type { Rke2Spec } from './spec/spec.ts'
import { randomBytes } from 'node:crypto'
import type { PlaybookEvent } from '../../ansible/events.ts'
import type { PlayedHost } from '../../ansible/failures.ts'
import type { HostVariables } from '../../ansible/inventory.ts'
import { isRefused, withClusterApi } from '../../clusters/clusterApi.ts'
import { giveUpHost } from '../../clusters/giveUpHost.ts'
import type { ClusterSession } from '../../clusters/session.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { readable } from '../../clusters/target.ts'
import { readRegistryLogin, type RegistryLogin } from './spec/registryLogin.ts'
import { readSecretLine } from '../../domain/clusterFile/secretLine.ts'
import { keyFilesOf } from '../../domain/clusterFile/keyFilesOf.ts'
import { readServerToken } from './spec/serverToken.ts'
import { toSlipwayError } from '../../domain/errors.ts'
import { keyedHash } from '../../secrets/seal.ts'
import type { AttemptContext } from '../../engine/contract/stage.ts'
import { type NodeArguments, nodeOf } from './arguments.ts'
import { readSpec } from '../readSpec.ts'
import { inventoryRoles } from './inventory.ts'
import { rke2Format } from './spec/format.ts'

export interface ClusterSecrets {
  readonly token: string
  readonly agent_token: string
  /** Whether `token_file` holds another token than the one the cluster goes by. */
  readonly token_differs: boolean
  /** Logins for registries.yaml, by registry. */
  readonly registry_auth: Readonly<Record<string, RegistryLogin>>
  /** Values of a server's config.yaml that are secret, by key. */
  readonly config: Readonly<Record<string, string>>
  /** By which the servers know each other's word on the VIP. */
  readonly vrrp: string
}

/** A playbook of ours on some nodes of the cluster, with what it is to know. */
export interface NodesPlay {
  readonly playbook: string
  readonly nodes: readonly NodeArguments[]
  readonly common: HostVariables
  readonly hosts: Readonly<Record<string, HostVariables>>
  readonly onEvent?: (event: PlaybookEvent) => void
}

/** What the stages of one RKE2 cluster have at hand. */
export interface Rke2Session
  extends Pick<
    ClusterSession,
    'hosts' | 'installation' | 'hashKey' | 'bootstrap' | 'adopted' | 'secret' | 'seal' | 'startPlay'
  > {
  /** All nodes of the cluster: machines of other stages, with which those of one are compared. */
  nodes(): Promise<readonly NodeArguments[]>
  secrets(): Promise<ClusterSecrets>
  /** Contents of the files that go to the machines as they are, by the path as the cluster file writes it. */
  ownFiles(): Promise<Readonly<Record<string, string>>>
  /** See `withClusterApi`. */
  api<Result>(signal: AbortSignal, work: (client: ClusterClient) => Promise<Result>): Promise<Result>
  /** Whether the API takes the kubeconfig on record no more. */
  kubeconfigIsRefused(signal: AbortSignal): Promise<boolean>
  /** Takes the fence from a host that is no member any more: it is nobody's from then on. */
  giveUp(hostname: string, context: AttemptContext): Promise<void>
  /** Every host has a result, and some may have failed. */
  play(play: NodesPlay, context: AttemptContext): Promise<readonly PlayedHost[]>
}

export const rke2Session = (session: ClusterSession): Rke2Session => ({
  hosts: () => session.hosts(),
  installation: session.installation,
  hashKey: session.hashKey,
  bootstrap: () => session.bootstrap(),
  adopted: () => session.adopted(),
  secret: name => session.secret(name),
  seal: (name, clear) => session.seal(name, clear),
  nodes: () => session.read('rke2/nodes', async () => (await specOf(session)).nodes.map(nodeOf)),
  secrets: () => session.read('rke2/secrets', () => readSecrets(session)),
  ownFiles: () => session.read('rke2/own-files', () => readOwnFiles(session)),
  api: (signal, work) => withClusterApi(session, signal, work),
  kubeconfigIsRefused: signal => isRefused(session, signal),
  giveUp: (hostname, context) => giveUpHost(session, hostname, context),
  startPlay: (playbook, hosts, context) => session.startPlay(playbook, hosts, context),
  play: (play, context) => session.play({ ...play, roles: inventoryRoles }, context),
})

/** @throws SlipwayError `stored-state-refused` */
const specOf = async (session: ClusterSession): Promise<Rke2Spec> => readSpec(rke2Format, await session.desired())

const newToken = (): string => randomBytes(24).toString('hex')

/** The tokens are made when there are none yet. */
export async function readSecrets(session: ClusterSession): Promise<ClusterSecrets> {
  const spec = await specOf(session)
  // Always the same, so that nothing has to be stored; VRRP takes eight signs.
  const vrrp = keyedHash(session.hashKey, 'VRRP').slice(0, 8)
  if (spec.vip) session.learn(vrrp)
  const given = await givenToken(spec, session)
  const [token, agent, registry_auth, config] = await Promise.all([
    session.secretOr('token', () => given ?? newToken()),
    session.secretOr('agent_token', newToken),
    registryLogins(spec, session),
    configSecrets(spec, session),
  ])
  return {
    token: token.value,
    agent_token: agent.value,
    token_differs: given !== null && passwordOf(token.value) !== given,
    registry_auth,
    config,
    vrrp,
  }
}

/** The token that the cluster file brings along; null when it names none, or one that is needed no more. */
async function givenToken({ token_file }: Rke2Spec, session: ClusterSession): Promise<string | null> {
  if (token_file === undefined) return null
  try {
    const token = readable(token_file, readServerToken(await session.file(token_file)))
    session.learn(token)
    return token
  } catch (error) {
    if ((await session.secret('token')) !== null && toSlipwayError(error).code === 'file-unreadable') return null
    throw error
  }
}

/** Before the password was taken out of it, a token of the secure form was stored as the file had it. */
function passwordOf(stored: string): string {
  const reading = readServerToken(stored)
  return reading.ok ? reading.value : stored
}

async function registryLogins(spec: Rke2Spec, session: ClusterSession): Promise<ClusterSecrets['registry_auth']> {
  const entries = Object.entries(spec.registries?.configs ?? {}).map(async ([registry, { auth_file }]) => {
    if (auth_file === undefined) return []
    const login = readable(auth_file, readRegistryLogin(await session.file(auth_file)))
    session.learn('password' in login ? login.password : login.identity_token)
    return [[registry, login] as const]
  })
  return Object.fromEntries((await Promise.all(entries)).flat())
}

/** Values of config.yaml that are secret, by key. */
async function configSecrets(spec: Rke2Spec, session: ClusterSession): Promise<ClusterSecrets['config']> {
  const entries = Object.entries(spec.secret_files ?? {}).map(
    async ([key, path]) => [key, readable(path, readSecretLine(await session.file(path)))] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

async function readOwnFiles(session: ClusterSession): Promise<Readonly<Record<string, string>>> {
  const named = keyFilesOf(rke2Format, await specOf(session)).filter(({ kind }) => kind.open)
  const read = named.map(async ({ file }) => [file, await session.openFile(file)] as const)
  return Object.fromEntries(await Promise.all(read))
}
