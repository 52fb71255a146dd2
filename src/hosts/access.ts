import { SlipwayError } from '../domain/errors.ts'
import type { Connections, OpenLink } from './connections.ts'
import { type Destination, openForward } from './forward.ts'
import { forwardingError } from './forwarding.ts'
import { fingerprint, type KnownHostsPort, type PinnedKey, sameKey } from './hostKeys.ts'
import { checkLogin, type PreparedHost, prepareHosts } from './links.ts'
import { type RemoteRequest, type RemoteResult, remoteRun } from './remoteRun.ts'
import { sshHosts } from './sshConfig.ts'
import { type About, hostKeyChanged } from './sshErrors.ts'
import { writeSshFiles } from './sshFiles.ts'
import type { HostTarget } from './target.ts'

/** The hosts of one cluster, reachable over SSH with pinned keys. */
export interface HostAccess {
  readonly cluster: string
  readonly targets: readonly HostTarget[]
  /** Path of the ssh_config: `ssh -F` and Ansible (`ansible_ssh_common_args: -F PATH`) use the same warm connections. */
  readonly sshConfig: string
  target(hostname: string): HostTarget
  /**
   * Opens the connection to a host, or finds it open; records the host key at the first contact.
   * @throws SlipwayError `host-unreachable`, `authentication-failed`, `host-key-changed`
   */
  connect(hostname: string): Promise<void>
  /** Connects and runs a command; see `remoteRun` for the errors. */
  run(hostname: string, request: RemoteRequest): Promise<RemoteResult>
  /** Connects and opens a way to a port that the host reaches; see `openForward`. Gives the path of a Unix socket. */
  forward(hostname: string, to: Destination, signal: AbortSignal): Promise<string>
  /** Removes keys and configuration from disk. Warm connections stay with `Connections`. */
  close(): Promise<void>
}

export interface HostAccessOptions {
  readonly cluster: string
  readonly targets: readonly HostTarget[]
  /** Private (0700) folder on tmpfs; a folder of its own is made in it and removed by `close`. */
  readonly directory: string
  readonly connections: Connections
  readonly knownHosts: KnownHostsPort
  /** See `About`. */
  readonly keyRemedy?: string
  /** Marker for ssh clients (`markerEnvironment`); a request may add its attempt. */
  readonly environment: Readonly<Record<string, string>>
  /** s; default 10. */
  readonly connectTimeout?: number
  /** s; default 5. */
  readonly aliveInterval?: number
}

/** Writes keys and configuration; nothing is dialled yet. */
export async function openHosts(options: HostAccessOptions): Promise<HostAccess> {
  const { cluster, targets, connections, knownHosts } = options
  const hosts = prepareHosts(cluster, sshHosts(targets))
  const byHostname = new Map(targets.map(target => [target.hostname, target]))
  let pinned = await knownHosts.list(cluster)
  const times = { connectTimeout: options.connectTimeout ?? 10, aliveInterval: options.aliveInterval ?? 5 }
  const files = await writeSshFiles(options.directory, connections.directory, [...hosts.values()], times)
  await files.writeKnownHosts(pinned)
  const connecting = new Map<string, Promise<void>>()
  const held = new Map<string, () => void>()

  const hostOf = (alias: string): PreparedHost => {
    const host = hosts.get(alias)
    if (!host) throw notNamed(alias, cluster)
    return host
  }
  const keysOf = (host: PreparedHost) => pinned.filter(key => key.host === host.keyName)
  const nameOf = (host: PreparedHost) => (byHostname.has(host.alias) ? host.alias : `jump host ${host.address}`)
  const aboutOf = (host: PreparedHost): About => ({
    host: nameOf(host),
    address: host.address,
    keyName: host.keyName,
    recorded: keysOf(host).map(fingerprint),
    user: host.user,
    agent: host.identity === undefined,
    ...(options.keyRemedy !== undefined && { keyRemedy: options.keyRemedy }),
    ...(host.through !== undefined && { through: nameOf(hostOf(host.through)) }),
  })
  const open = async (host: PreparedHost): Promise<OpenLink> => {
    try {
      return await connections.open({
        name: host.socket,
        sshConfig: files.sshConfig,
        alias: host.alias,
        about: aboutOf(host),
        firstContact: keysOf(host).length === 0,
      })
    } catch (error) {
      throw (await jumpFault(host, error)) ?? error
    }
  }
  /** What the jump host before this one has to say, where the way was not opened. */
  const jumpFault = async (host: PreparedHost, error: unknown): Promise<SlipwayError | null> => {
    if (host.through === undefined || !(error instanceof SlipwayError) || error.code !== 'host-unreachable') return null
    return forwardingError(connections.launch, {
      sshConfig: files.sshConfig,
      jump: host.through,
      jumpName: nameOf(hostOf(host.through)),
      host: nameOf(host),
      address: host.address,
      port: host.port,
      environment: options.environment,
    })
  }
  /** Records the key of a first contact; when another key was recorded in the meantime, that one counts. */
  const pin = async (host: PreparedHost, shown: PinnedKey) => {
    await knownHosts.record(cluster, [shown])
    pinned = await knownHosts.list(cluster)
    await files.writeKnownHosts(pinned)
    if (keysOf(host).some(key => sameKey(key, shown))) return
    await connections.end(host.socket)
    throw hostKeyChanged(aboutOf(host), fingerprint(shown))
  }
  const dial = async (host: PreparedHost): Promise<void> => {
    checkLogin(host)
    if (host.through !== undefined) await connect(host.through)
    const isRecorded = (link: OpenLink) => keysOf(host).some(key => fingerprint(key) === link.fingerprint)
    let link = await open(host)
    if (!isRecorded(link) && !link.firstKey) {
      // It was opened under a record that is gone by now.
      await connections.end(host.socket)
      link = await open(host)
    }
    if (!isRecorded(link) && link.firstKey) await pin(host, link.firstKey)
    held.get(host.socket)?.()
    held.set(host.socket, connections.hold(host.socket))
  }
  const connect = (alias: string): Promise<void> => {
    const running = connecting.get(alias)
    if (running) return running
    const dialling = Promise.resolve(hostOf(alias))
      .then(dial)
      .finally(() => connecting.delete(alias))
    connecting.set(alias, dialling)
    return dialling
  }
  const target = (hostname: string): HostTarget => {
    const found = byHostname.get(hostname)
    if (!found) throw notNamed(hostname, cluster)
    return found
  }

  return {
    cluster,
    targets,
    sshConfig: files.sshConfig,
    target,
    connect,
    async run(hostname, request) {
      await unlessCancelled(connect(hostname), hostname, request.signal)
      const path = {
        sshConfig: files.sshConfig,
        target: target(hostname),
        about: aboutOf(hostOf(hostname)),
        environment: options.environment,
        clients: connections.clients,
        launch: connections.launch,
      }
      return remoteRun(path, request)
    },
    async forward(hostname, to, signal) {
      await unlessCancelled(connect(hostname), hostname, signal)
      const { environment } = options
      return openForward({ sshConfig: files.sshConfig, host: hostOf(hostname), connections, environment, signal }, to)
    },
    async close() {
      for (const release of held.values()) release()
      held.clear()
      await files.remove()
    },
  }
}

/** An earlier plan may name a host that the cluster file does not name any more. */
const notNamed = (hostname: string, cluster: string): SlipwayError =>
  new SlipwayError('not-found', `cluster ${cluster} has no node ${hostname}`, {
    facts: { host: hostname },
    remedy: `Plan anew without it (slipway apply -f FILE), or put ${hostname} back into the cluster file.`,
  })

/** Dialling goes on for whoever else waits for it; the cancelled caller doesn't. */
async function unlessCancelled(dialling: Promise<void>, hostname: string, signal: AbortSignal | undefined) {
  if (!signal) return dialling
  const cancelled = Promise.withResolvers<never>()
  const cancel = () =>
    cancelled.reject(new SlipwayError('run-cancelled', `${hostname}: dialling was cancelled`, { cause: signal.reason }))
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  try {
    await Promise.race([dialling, cancelled.promise])
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
