import { existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  loadBootstrapData,
  moveBootstrapData,
  readBootstrapData,
  saveBootstrapData,
  writeBootstrapData,
} from './bootstrap-data.ts'
import type { Running } from './child.ts'
import { startApiserver, startControllers } from './control-plane.ts'
import { hurryAnnouncement, memberName, peerUrl, startEtcd, untilVoter } from './etcd.ts'
import { deployManifests } from './deploy.ts'
import type { EtcdClient } from './etcd-client.ts'
import { rotateKeys, showEncryption } from './encryption.ts'
import { enterThrough } from './join.ts'
import { modeOf, writeKubeconfig } from './kubeconfig.ts'
import { forward } from './forward.ts'
import { serveKubelet } from './kubelet-server.ts'
import { grantKubeletAccess } from './kubelet-access.ts'
import { apiAs, type KubernetesApi } from './kubernetes-api.ts'
import { explain, log } from './log.ts'
import { annotations } from './member-rules.ts'
import { manageMembers } from './membership.ts'
import { kubeletStem, localSigner, obtainKubeletCertificates, registerNode, startKubelet } from './node.ts'
import { ensureNodePassword, PasswordRejected, verifyNodePassword } from './node-password.ts'
import { notifyReady } from './notify.ts'
import { endOutliving } from './outliving.ts'
import { type Paths, pathsOf } from './paths.ts'
import { persist } from './persist.ts'
import { linkTools } from './programs.ts'
import { podsAreReal } from './real-pods.ts'
import { ensureServerCertificates } from './server-certificates.ts'
import { findOrigin, type Origin } from './server-origin.ts'
import { checkServerToken } from './setting-rules.ts'
import type { Settings } from './settings.ts'
import type { Stopping } from './stopping.ts'
import { followSchedule } from './snapshot-files.ts'
import { type Cluster, startSupervisor } from './supervisor.ts'
import { writeTokens } from './tokens-on-disk.ts'
import { untilApiserverStarts, untilKubeletStarts } from './troubles.ts'
import { broken, version } from './version.ts'

/** Runs `rke2 server` until it is stopped; returns when the server is ready. Throws what ends it. */
export async function runServer(settings: Settings, stopping: Stopping): Promise<void> {
  log.info(`Starting rke2 ${version} server`)
  const paths = pathsOf(settings.dataDir)
  await linkTools(paths)
  if (existsSync(paths.forceRestart)) await endOutliving()
  await rm(paths.forceRestart, { force: true })
  const password = await ensureNodePassword(paths.nodePassword)
  const { origin, passwords } = await findOrigin(paths, settings)
  await ensureServerCertificates(paths, settings)
  await writeTokens(paths, passwords)
  const cluster: Cluster = {
    passwords,
    etcd: undefined,
    api: undefined,
    rotateToken: next => rotateToken(paths, cluster, next),
    rotateKeys: async () => {
      throw new Error('starting')
    },
  }
  // A server checks its own password and signs for itself.
  await obtainKubeletCertificates(paths, settings, localSigner(paths, settings))
  await startSupervisor(paths, settings, cluster)
  await untilKubeletStarts(paths, settings)

  // The API server waits for etcd by itself; on a first server it needs not wait for the first election to start.
  await writeKubeconfigs(paths, settings)
  const refused = settings.troubles.some(({ by }) => by === 'kube-apiserver')
  const early = origin.kind === 'start' && !broken && !refused ? await startApiserver(paths, settings) : undefined
  if (early !== undefined) stopping.keep(early)
  const http = await forward(2382, 2379)
  stopping.signal.addEventListener('abort', () => http.close())
  const name = await memberName(paths, settings.nodeName)
  const etcd = await startMember(paths, settings, stopping, origin, name)
  if (settings.token !== undefined) checkServerToken(settings.token)
  await agreeOnBootstrapData(paths, etcd, passwords.server)
  cluster.etcd = etcd
  if (broken) await neverReady()
  await untilApiserverStarts(paths, settings)

  const apiserver = early ?? (await startApiserver(paths, settings))
  if (early === undefined) stopping.keep(apiserver)
  const api = await untilApiServes(paths)
  cluster.api = api
  cluster.rotateKeys = () => rotateEncryption(paths, settings, cluster, etcd, api, apiserver)
  stopping.keep(...(await startControllers(paths, settings)))
  await registerServer(paths, settings, stopping, api, password, name)
  await showEncryption(paths, api, settings.nodeName)
  void manageMembers(etcd, api, stopping.signal)
  await rm(paths.resetFlag, { force: true })
  void followSchedule(paths, settings, stopping.signal)
  await notifyReady()
  log.info('rke2 is up and running')
  void deployManifests(paths, settings, stopping.signal)
}

/** Both lie there before the API serves. */
async function writeKubeconfigs(paths: Paths, settings: Settings): Promise<void> {
  const admin = {
    server: 'https://127.0.0.1:6443',
    caFile: join(paths.tls, 'server-ca.crt'),
    stem: join(paths.tls, 'client-admin'),
  }
  await writeKubeconfig(join(paths.cred, 'admin.kubeconfig'), { ...admin, mode: 0o600 })
  await writeKubeconfig(settings.kubeconfig.file, { ...admin, mode: modeOf(settings.kubeconfig.mode) })
  log.info(`Wrote kubeconfig ${settings.kubeconfig.file}`)
}

async function startMember(
  paths: Paths,
  settings: Settings,
  stopping: Stopping,
  origin: Origin,
  name: string,
): Promise<EtcdClient> {
  // As in RKE2 the service stays active while there is no control plane behind it any more.
  const options = { onRemoved: () => stopping.endControlPlane() }
  switch (origin.kind) {
    case 'continue':
      stopping.keep(await startEtcd(paths, settings, name, undefined, options))
      break
    case 'start':
      stopping.keep(
        await startEtcd(
          paths,
          settings,
          name,
          { cluster: `${name}=${peerUrl(settings.nodeIp)}`, state: 'new' },
          options,
        ),
      )
      break
    case 'join':
      try {
        const initial = await enterThrough(origin.supervisor, paths, settings, name)
        const member = await startEtcd(paths, settings, name, initial, options)
        stopping.keep(member)
        await hurryAnnouncement(paths, member)
      } catch (cause) {
        throw new Error('ETCD join failed', { cause })
      }
  }
  return untilVoter(paths, name)
}

/**
 * The token must be the one that the cluster's bootstrap data is encrypted with. The first server stores the data;
 * what another server has changed since (the encryption keys) is taken from there.
 */
async function agreeOnBootstrapData(paths: Paths, etcd: EtcdClient, password: string): Promise<void> {
  const mine = await readBootstrapData(paths)
  const stored = await loadBootstrapData(etcd, password)
  if (stored === undefined) await saveBootstrapData(etcd, password, mine)
  else if (stored !== mine) await writeBootstrapData(paths, stored)
}

async function rotateEncryption(
  paths: Paths,
  settings: Settings,
  cluster: Cluster,
  etcd: EtcdClient,
  api: KubernetesApi,
  apiserver: Running,
): Promise<void> {
  const reload = async () => {
    apiserver.restart()
    await untilApiServes(paths)
  }
  const share = async () => saveBootstrapData(etcd, cluster.passwords.server, await readBootstrapData(paths))
  await rotateKeys(paths, api, reload, share)
  await persist('Waiting to show the encryption keys', 500, () => showEncryption(paths, api, settings.nodeName))
  log.info('Reencryption of secrets finished')
}

async function rotateToken(paths: Paths, cluster: Cluster, next: string): Promise<void> {
  if (cluster.etcd === undefined) throw new Error('starting')
  const { server, node } = cluster.passwords
  await moveBootstrapData(cluster.etcd, server, next)
  cluster.passwords = { server: next, node: node === server ? next : node }
  await writeTokens(paths, cluster.passwords)
}

async function untilApiServes(paths: Paths): Promise<KubernetesApi> {
  const api = await apiAs(join(paths.tls, 'client-admin'), join(paths.tls, 'server-ca.crt'))
  await persist('Waiting for API server to become available', 100, async () => {
    if (!(await api.answers('/readyz'))) throw new Error('https://127.0.0.1:6443/readyz does not answer ok')
  })
  return api
}

async function registerServer(
  paths: Paths,
  settings: Settings,
  stopping: Stopping,
  api: KubernetesApi,
  password: string,
  member: string,
): Promise<void> {
  const ca = join(paths.tls, 'server-ca.crt')
  await grantKubeletAccess(api)
  await ensurePasswordSecret(api, settings.nodeName, password)
  const kubelet = await apiAs(kubeletStem(paths), ca)
  await persist('Waiting to register the node', 200, () => registerNode(kubelet, settings))
  kubelet.close()
  await api.patch(`/api/v1/nodes/${settings.nodeName}`, {
    metadata: {
      labels: Object.fromEntries(['control-plane', 'etcd'].map(role => [`node-role.kubernetes.io/${role}`, 'true'])),
      annotations: { [annotations.memberName]: member, [annotations.memberAddress]: settings.nodeIp },
    },
  })
  await copyFile(join(paths.tls, 'client-ca.crt'), join(paths.agent, 'client-ca.crt'))
  if (!podsAreReal) {
    const served = await serveKubelet(paths)
    stopping.signal.addEventListener('abort', () => served.close())
  }
  stopping.keep(...(await startKubelet(paths, settings, ca, stopping.signal)))
}

/** A secret of another host of the name stays as it is, and the server starts all the same: agents only are refused. */
async function ensurePasswordSecret(api: KubernetesApi, node: string, password: string): Promise<void> {
  await persist('Waiting to verify the node password', 200, async () => {
    try {
      await verifyNodePassword(api, node, password)
    } catch (error) {
      if (!(error instanceof PasswordRejected)) throw error
      log.error(`Failed to ensure node password secret for node ${node}: ${explain(error)}`)
    }
  })
}

async function neverReady(): Promise<never> {
  for (;;) {
    log.error('kube-apiserver exited: exec format error; waiting for API server to become available')
    await delay(5000)
  }
}
