import { forksFor, startPlay } from '../ansible/playbook.ts'
import { renderInventory } from '../ansible/inventory.ts'
import type { AdoptedConfiguration } from '../domain/adoptedConfiguration.ts'
import type { ClusterFile, ClusterSpec, NodeSpec } from '../domain/cluster.ts'
import type { KeyFile } from '../domain/clusterFile/keyFiles.ts'
import { createObservations } from '../engine/contract/observations.ts'
import { SlipwayError } from '../domain/errors.ts'
import { type HostAccess, openHosts } from '../hosts/access.ts'
import type { Connections } from '../hosts/connections.ts'
import { raiseFence } from '../hosts/fence.ts'
import { fencedInterpreter } from '../hosts/fenceMark.ts'
import type { KnownHostsPort } from '../hosts/hostKeys.ts'
import { once } from '../hosts/once.ts'
import type { HostTarget } from '../hosts/target.ts'
import type { Sealer } from '../secrets/seal.ts'
import { type ClusterSecretName, clusterSecretPurpose } from '../store/clusters.ts'
import { raiseFences, throwRefusal, toldWhy } from './raiseFences.ts'
import type { Bootstrap, ClusterSecret, ClusterSession, KubeconfigReader } from './session.ts'
import { createStartedPlays } from './startedPlays.ts'
import { targetOf } from './target.ts'

/** Where a session's knowledge comes from: the store, or a file that was never applied. */
export interface SessionSource {
  desired(): Promise<ClusterFile>
  /** Nodes on record that the desired state does not name. */
  dropped(): Promise<readonly NodeSpec[]>
  /** Content of a file that the cluster file names (a key, a password). @throws SlipwayError `file-unreadable`. */
  file(path: string): Promise<string>
  bootstrap(): Promise<Bootstrap>
  adopted(): Promise<ReadonlyMap<string, AdoptedConfiguration>>
  etcdMembers(): Promise<ReadonlyMap<string, string>>
  /** In clear; null when there is none. */
  secret(name: ClusterSecretName): Promise<string | null>
  secretOr(name: ClusterSecretName, make: () => string): Promise<ClusterSecret>
  readonly knownHosts: KnownHostsPort
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
  /** Told every secret that a session opens, so that no log shows it. */
  learn(secret: string): void
  /** Every file that a cluster file with this spec names. */
  keyFilesOf(spec: ClusterSpec): readonly KeyFile[]
  /** Null: on the servers of such a cluster no kubeconfig is read. */
  kubeconfigReader(spec: ClusterSpec): KubeconfigReader | null
}

export interface OpenSession extends ClusterSession {
  close(): Promise<void>
}

export function openSession(cluster: string, source: SessionSource, around: SessionSurroundings): OpenSession {
  let opened: HostAccess | undefined
  const desired = once(() => source.desired())
  const file = async (path: string) => {
    const content = await source.file(path)
    around.learn(content.trim())
    return content
  }
  const hosts = once(async () => {
    opened = await openHosts({
      cluster,
      targets: await targetsOf(await desired(), await source.dropped(), file),
      directory: around.directory,
      connections: around.connections,
      knownHosts: source.knownHosts,
      environment: around.environment,
    })
    return opened
  })
  const started = createStartedPlays()
  const settings = async () => ({ sshConfig: (await hosts()).sshConfig, directory: around.directory })
  return {
    ...identityOf(cluster, around),
    desired,
    hosts,
    bootstrap: () => source.bootstrap(),
    adopted: once(() => source.adopted()),
    etcdMembers: () => source.etcdMembers(),
    file,
    openFile: path => source.file(path),
    read: createObservations().read,
    secret: name => source.secret(name),
    async secretOr(name, make) {
      const secret = await source.secretOr(name, make)
      if (secret.kept) around.learn(secret.value)
      return secret
    },
    async freshKubeconfig(hostname, signal) {
      const file = await desired()
      const read = around.kubeconfigReader(file.spec)
      const { ca_hash } = await source.bootstrap()
      return read && ca_hash !== null ? read({ desired: file, hosts: await hosts(), ca_hash }, hostname, signal) : null
    },
    startPlay(playbook, count, { ahead, signal }) {
      if (!ahead) return
      const start = async () => startPlay({ playbook, ...(await settings()), ...ahead, forks: forksFor(count), signal })
      started.keep(ahead.environment, { playbook, hosts: count, start: start() })
    },
    async play(play, context) {
      const access = await hosts()
      const { spec } = await desired()
      const names = play.nodes.map(node => node.hostname)
      const mark = { scope: { installation: around.installation, cluster }, fence: context.fence }
      // The login of a node is read anew: it may have been fixed since the run was planned.
      const inventory = renderInventory(
        play.roles,
        spec.ssh ? { ssh: spec.ssh } : {},
        play.nodes.map(node => withSsh(node, spec.nodes)),
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
      const { environment, signal } = context
      const loaded = await started.take(environment, play.playbook, names.length)
      const forks = forksFor(names.length)
      const { run } =
        loaded ??
        (await startPlay({
          playbook: play.playbook,
          ...(await settings()),
          environment,
          forks,
          signal,
          ...(play.foreign && { foreign: play.foreign }),
        }))
      const { hosts: played } = await run({
        inventory,
        variables: {
          common: play.common,
          hosts: Object.fromEntries(names.map(name => [name, { ...play.hosts[name], ...passwords[name] }])),
        },
        python: fencedInterpreter(mark),
        signal,
        allowed: fencing.then(throwRefusal),
        log: text => context.log(text),
        ...(play.foreign && { rescued: 'ok' }),
        ...(play.onEvent && { onEvent: play.onEvent }),
      })
      return toldWhy(played, await fencing)
    },
    async close() {
      await opened?.close()
    },
  }
}

/** What is known of a session without opening it. */
export const identityOf = (
  cluster: string,
  {
    installation,
    directory,
    environment,
    sealer,
    learn,
  }: Pick<SessionSurroundings, 'installation' | 'directory' | 'environment' | 'sealer' | 'learn'>,
): Pick<ClusterSession, 'cluster' | 'installation' | 'directory' | 'environment' | 'hashKey' | 'seal' | 'learn'> => ({
  cluster,
  installation,
  directory,
  environment,
  hashKey: sealer.hashKey(cluster),
  seal: (name, clear) => sealer.seal(clusterSecretPurpose(cluster, name), clear),
  learn,
})

/** A node that is not desired any more hides no other one: without its key it is no target. */
async function targetsOf(
  { spec }: ClusterFile,
  dropped: readonly NodeSpec[],
  file: (path: string) => Promise<string>,
): Promise<HostTarget[]> {
  const desired = await Promise.all(spec.nodes.map(node => targetOf(node, spec.ssh, file)))
  const others = await Promise.all(
    dropped.map(node =>
      targetOf(node, spec.ssh, file).catch((error: unknown) => {
        if (error instanceof SlipwayError && error.code === 'file-unreadable') return []
        throw error
      }),
    ),
  )
  return [...desired, ...others.flat()]
}

function withSsh(node: NodeSpec, desired: readonly NodeSpec[]): NodeSpec {
  const ssh = desired.find(other => other.hostname === node.hostname)?.ssh
  return ssh ? { ...node, ssh } : node
}
