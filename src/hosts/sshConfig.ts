import { createHash } from 'node:crypto'
import { jumpKeyName } from './hostKeys.ts'
import type { HostTarget, JumpHost } from './target.ts'

/** One Host block: a node, or a jump host on the way to one. */
export interface SshHost {
  /** Name to give to ssh; for jump hosts unique to the whole way that leads there. */
  readonly alias: string
  /** Further names the block matches: the node's address, as Ansible gives it. */
  readonly otherNames: readonly string[]
  readonly address: string
  readonly port: number
  readonly user: string
  /** Name the host key is pinned under. */
  readonly keyName: string
  readonly identity: string | undefined
  readonly agent: boolean
  /** Alias of the last jump host. */
  readonly through: string | undefined
}

/** Paths of one cluster's opened hosts. */
export interface SshPaths {
  readonly knownHosts: string
  /** IdentityFile of a host; `none` when only the agent is asked. */
  identityFile(alias: string): string
  controlPath(alias: string): string
}

export interface SshTimes {
  /** s, for one connection's set-up. */
  readonly connectTimeout: number
  /** s between signs of life; three that stay unanswered end a connection. */
  readonly aliveInterval: number
}

/** Nodes and jump hosts as Host blocks, each jump host before what lies behind it. */
export function sshHosts(targets: readonly HostTarget[]): SshHost[] {
  const blocks = new Map<string, SshHost>()
  const addresses = targets.map(target => target.address)
  for (const target of targets) {
    let through: string | undefined
    for (const jump of target.jump) {
      const alias = jumpAlias(jump, through)
      blocks.set(alias, {
        alias,
        otherNames: [],
        address: jump.host,
        port: jump.port,
        user: jump.user,
        keyName: jumpKeyName(jump),
        identity: jump.identity,
        agent: jump.identity === undefined,
        through,
      })
      through = alias
    }
    blocks.set(target.hostname, {
      alias: target.hostname,
      // An address that two targets share (told apart by port) names neither.
      otherNames: addresses.filter(address => address === target.address).length === 1 ? [target.address] : [],
      address: target.address,
      port: target.port,
      user: target.user,
      keyName: target.hostname,
      identity: target.identity,
      agent: target.agent ?? target.identity === undefined,
      through,
    })
  }
  return [...blocks.values()]
}

function jumpAlias(jump: JumpHost, through: string | undefined): string {
  const way = JSON.stringify([jump.host, jump.port, jump.user, jump.identity ?? null, through ?? null])
  return `jump_${createHash('sha256').update(way).digest('hex').slice(0, 16)}`
}

/**
 * The ssh_config of a cluster. Host keys are checked strictly; only the first contact, made by `connections.ts`, sets
 * that aside for one host and writes to a file of its own. ControlMaster is `no`: clients use the warm connection that
 * `connections.ts` holds and never become one that would end with their attempt.
 */
export function renderSshConfig(hosts: readonly SshHost[], paths: SshPaths, times: SshTimes): string {
  const blocks = hosts.map(host =>
    [
      `Host ${[host.alias, ...host.otherNames].join(' ')}`,
      `  HostName ${host.address}`,
      `  Port ${host.port}`,
      `  User ${host.user}`,
      `  HostKeyAlias ${host.keyName}`,
      `  IdentityFile ${quote(paths.identityFile(host.alias))}`,
      `  IdentityAgent ${host.agent ? 'SSH_AUTH_SOCK' : 'none'}`,
      `  IdentitiesOnly ${host.identity === undefined ? 'no' : 'yes'}`,
      `  ControlPath ${quote(paths.controlPath(host.alias))}`,
      ...(host.through === undefined ? [] : [`  ProxyJump ${host.through}`]),
    ].join('\n'),
  )
  const everywhere = [
    'Host *',
    '  BatchMode yes',
    '  PreferredAuthentications publickey',
    '  StrictHostKeyChecking yes',
    `  UserKnownHostsFile ${quote(paths.knownHosts)}`,
    '  GlobalKnownHostsFile none',
    '  UpdateHostKeys no',
    '  CheckHostIP no',
    '  HashKnownHosts no',
    '  ControlMaster no',
    `  ConnectTimeout ${times.connectTimeout}`,
    `  ServerAliveInterval ${times.aliveInterval}`,
    '  ServerAliveCountMax 3',
    '  TCPKeepAlive yes',
    '  ForwardAgent no',
    '  ForwardX11 no',
    '  ClearAllForwardings yes',
    '  PermitLocalCommand no',
    '  RequestTTY no',
    '  EscapeChar none',
    '  LogLevel ERROR',
  ].join('\n')
  return `${[...blocks, everywhere].join('\n\n')}\n`
}

/** Percent signs and dollars are expanded by ssh in paths; a path of ours must be taken as it is. */
const quote = (path: string): string => (path === 'none' ? path : `"${path.replaceAll('%', '%%')}"`)
