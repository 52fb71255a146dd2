import { renderForStage } from './inventory.ts'
import { playHosts } from '../../ansible/playbook.ts'
import type { ClusterFile, ClusterSpec, NodeSpec } from '../../domain/cluster.ts'
import { ansibleIp } from '../../domain/cluster.ts'
import { readSudoPassword } from '../../domain/clusterFile/keyFiles.ts'
import { readRegistryLogin } from '../../domain/clusterFile/registryLogin.ts'
import { type Reading, readSecretLine } from '../../domain/clusterFile/secretLine.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { type HostAccess, openHosts } from '../../hosts/access.ts'
import type { Connections } from '../../hosts/connections.ts'
import { raiseFence } from '../../hosts/fence.ts'
import { fencedInterpreter } from '../../hosts/fenceMark.ts'
import type { KnownHostsPort } from '../../hosts/hostKeys.ts'
import type { HostTarget } from '../../hosts/target.ts'
import type { Sealer } from '../../secrets/seal.ts'
import { clusterSecretPurpose } from '../../store/clusters.ts'
import { once } from '../../hosts/once.ts'
import { nodeOf } from './arguments.ts'
import { raiseFences, throwRefusal, toldWhy } from './raiseFences.ts'
import type { Bootstrap, ClusterSecrets, ClusterSession } from './session.ts'

/** Where a session's knowledge comes from: the store, or a file that was never applied. */
export interface SessionSource {
  desired(): Promise<ClusterFile>
  /** Content of a file that the cluster file names (a key, a password). @throws SlipwayError `file-unreadable`. */
  file(path: string): Promise<string>
  bootstrap(): Promise<Bootstrap>
  tokens(): Promise<Tokens>
  /** The kubeconfig that is kept; null when there is none. */
  kubeconfig(): Promise<string | null>
  readonly knownHosts: KnownHostsPort
}

/** The tokens of the cluster; made when there are none yet. */
export interface Tokens {
  readonly token: string
  readonly agent_token: string
  /** Those of them that were made up for a plan: they are stored nowhere, and told to nobody. */
  readonly made: readonly string[]
  /** Whether `token_file` holds another token than the one the cluster goes by. */
  readonly token_differs: boolean
}

/** What all sessions of a process share. */
export interface SessionSurroundings {
  readonly connections: Connections
  /** Private folder on tmpfs. */
  readonly directory: string
  readonly installation: string
  readonly sealer: Sealer
  /** Marker of this process for its children. */
  readonly environment: Readonly<Record<string, string>>
}

/** Secrets that a session has opened are told to `learn`, so that logs never show them. */
export function openSession(
  cluster: string,
  source: SessionSource,
  around: SessionSurroundings,
  learn: (secret: string) => void,
): OpenSession {
  let opened: HostAccess | undefined
  const desired = once(() => source.desired())
  const learnt = async (path: string) => {
    const content = await source.file(path)
    learn(content.trim())
    return content
  }
  const hosts = once(async () => {
    const { spec } = await desired()
    opened = await openHosts({
      cluster,
      targets: await Promise.all(spec.nodes.map(node => targetOf(node, spec, learnt))),
      directory: around.directory,
      connections: around.connections,
      knownHosts: source.knownHosts,
      environment: around.environment,
    })
    return opened
  })
  const secrets = once(async (): Promise<ClusterSecrets> => {
    const [tokens, { spec }] = await Promise.all([source.tokens(), desired()])
    const { token, agent_token, made, token_differs } = tokens
    for (const known of [token, agent_token]) if (!made.includes(known)) learn(known)
    const [registry_auth, config] = await Promise.all([
      registryLogins(spec, source, learn),
      configSecrets(spec, learnt),
    ])
    return { token, agent_token, token_differs, registry_auth, config }
  })
  return {
    hosts,
    nodes: once(async () => (await desired()).spec.nodes.map(nodeOf)),
    installation: around.installation,
    hashKey: around.sealer.hashKey(cluster),
    bootstrap: () => source.bootstrap(),
    secrets,
    kubeconfig: () => source.kubeconfig(),
    sealKubeconfig(clear) {
      return around.sealer.seal(clusterSecretPurpose(cluster, 'kubeconfig'), clear)
    },
    async play(play, context) {
      const access = await hosts()
      const { spec } = await desired()
      const names = play.nodes.map(node => node.hostname)
      const mark = { scope: { installation: around.installation, cluster }, fence: context.fence }
      const inventory = renderForStage(
        { nodes: [...play.nodes], ...sshOf(spec) },
        'all',
        play.nodes.map(node => withSsh(node, spec)),
      )
      const passwords = Object.fromEntries(
        access.targets.flatMap(target =>
          target.sudoPassword === undefined
            ? []
            : [[target.hostname, { ansible_become_password: target.sudoPassword }]],
        ),
      )
      const options = { takeover: true, signal: context.signal, environment: context.environment }
      const fencing = raiseFences(names, name => raiseFence(access, name, mark, options))
      const { hosts: played } = await playHosts({
        playbook: play.playbook,
        inventory,
        variables: {
          common: play.common,
          hosts: Object.fromEntries(names.map(name => [name, { ...play.hosts[name], ...passwords[name] }])),
        },
        python: fencedInterpreter(mark),
        sshConfig: access.sshConfig,
        directory: around.directory,
        environment: context.environment,
        signal: context.signal,
        allowed: fencing.then(throwRefusal),
        log: text => context.log(text),
        ...(play.onEvent && { onEvent: play.onEvent }),
      })
      return toldWhy(played, await fencing)
    },
    async close() {
      await opened?.close()
    },
  }
}

export interface OpenSession extends ClusterSession {
  close(): Promise<void>
}

const sshOf = (spec: ClusterSpec): Pick<ClusterSpec, 'ssh'> => (spec.ssh ? { ssh: spec.ssh } : {})

/** The login of a node is read anew from the desired state: it may have been fixed since the run was planned. */
function withSsh<Node extends { readonly hostname: string }>(
  node: Node,
  spec: ClusterSpec,
): Node & Pick<NodeSpec, 'ssh'> {
  const ssh = spec.nodes.find(other => other.hostname === node.hostname)?.ssh
  return ssh ? { ...node, ssh } : node
}

async function targetOf(
  node: NodeSpec,
  spec: ClusterSpec,
  file: (path: string) => Promise<string>,
): Promise<HostTarget> {
  const ssh = { ...spec.ssh, ...node.ssh }
  const user = ssh.user ?? 'root'
  const jump = await Promise.all(
    (ssh.jump ?? []).map(async ({ host, port, user: login, key_file }) => {
      const key = key_file ?? ssh.key_file
      return { host, port: port ?? 22, user: login ?? user, ...(key !== undefined && { identity: await file(key) }) }
    }),
  )
  return {
    hostname: node.hostname,
    address: ansibleIp(node),
    port: ssh.port ?? 22,
    user,
    sudo: ssh.sudo ?? user !== 'root',
    jump,
    ...(ssh.key_file === undefined ? { agent: true } : { identity: await file(ssh.key_file) }),
    ...(ssh.sudo_password_file !== undefined && {
      sudoPassword: readable(ssh.sudo_password_file, readSudoPassword(await file(ssh.sudo_password_file))),
    }),
  }
}

/** What a file was read as. @throws SlipwayError `file-unreadable`, for one that was stored before the rules of today. */
function readable<Value>(file: string, reading: Reading<Value>): Value {
  if (reading.ok) return reading.value
  throw new SlipwayError('file-unreadable', `${file}: ${reading.fault.message}`, { remedy: reading.fault.remedy })
}

async function registryLogins(
  spec: ClusterSpec,
  source: SessionSource,
  learn: (secret: string) => void,
): Promise<ClusterSecrets['registry_auth']> {
  const entries = Object.entries(spec.registries?.configs ?? {}).map(async ([registry, { auth_file }]) => {
    if (auth_file === undefined) return []
    const login = readable(auth_file, readRegistryLogin(await source.file(auth_file)))
    learn(login.password)
    return [[registry, login] as const]
  })
  return Object.fromEntries((await Promise.all(entries)).flat())
}

/** Values of config.yaml that are secret, by key. */
async function configSecrets(
  spec: ClusterSpec,
  file: (path: string) => Promise<string>,
): Promise<ClusterSecrets['config']> {
  const entries = Object.entries(spec.secret_files ?? {}).map(
    async ([key, path]) => [key, readable(path, readSecretLine(await file(path)))] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}
