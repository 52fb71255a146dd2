import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRequest, type Subject, signRequest } from './certificates.ts'
import { keepRunning, type Running } from './child.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { apiAs, isStatus, type KubernetesApi } from './kubernetes-api.ts'
import { startRealNode } from './real-node.ts'
import { kwokConfiguration } from './kwok-stages.ts'
import { explain, log } from './log.ts'
import { beforeKubelet, nodeLabels, nodeObject, nodeStatus } from './node-object.ts'
import type { Paths } from './paths.ts'
import { podRange } from './pod-range.ts'
import { program } from './programs.ts'
import { containerdSocket, podsAreReal } from './real-pods.ts'
import { mirrorStaticPods } from './static-pods.ts'
import type { Settings } from './settings.ts'
import { networkTrouble } from './troubles.ts'
import { version } from './version.ts'

/** Stem of the certificate that this host's kubelet shows. */
export const kubeletStem = (paths: Paths) => join(paths.agent, 'client-kubelet')

/** Who signs a kubelet's request: a supervisor, or on a server that starts a cluster its own authority. */
export type Signer = (kind: 'client' | 'serving', request: string) => Promise<string>

/** Gets the kubelet's two certificates for keys made here. */
export async function obtainKubeletCertificates(paths: Paths, settings: Settings, sign: Signer): Promise<void> {
  for (const kind of ['client', 'serving'] as const) {
    const stem = join(paths.agent, `${kind}-kubelet`)
    const request = await createRequest(`${stem}.new`, settings.nodeName)
    const certificate = await sign(kind, request)
    await writeFile(`${stem}.key`, readFileSync(`${stem}.new.key`), { mode: 0o600 })
    await writeFile(`${stem}.crt`, certificate)
  }
}

/** What a kubelet's certificate says, whoever signs it. */
export function kubeletSubject(kind: 'client' | 'serving', node: string, addresses: readonly string[]): Subject {
  return kind === 'client'
    ? { commonName: `system:node:${node}`, organization: 'system:nodes', uses: ['clientAuth'] }
    : { commonName: node, uses: ['serverAuth'], names: [node, 'localhost', '127.0.0.1', ...addresses] }
}

/** Registers this host's Node, or brings the status of the one that is there up to date. */
export async function registerNode(api: KubernetesApi, settings: Settings): Promise<void> {
  try {
    await api.post('/api/v1/nodes', nodeObject(settings))
    log.info(`Registered node ${settings.nodeName}`)
  } catch (error) {
    if (!isStatus(error, 409)) throw error
  }
  const path = `/api/v1/nodes/${settings.nodeName}`
  // Labels are added and changed at every start; those that were taken out of the configuration stay. Taints never act again.
  await api.patch(path, { metadata: { labels: nodeLabels(settings) } })
  const status = podsAreReal ? beforeKubelet(settings) : nodeStatus(settings, version, osImage())
  await api.patch(`${path}/status`, { status }, 'strategic')
  await api.patch(path, { metadata: { annotations: nodeAnnotations(settings) } })
  if (!podsAreReal) await mirrorStaticPods(api, settings)
}

function nodeAnnotations(settings: Settings): Record<string, string> {
  const given = JSON.stringify(settings.given)
  return {
    'rke2.io/node-args': given,
    'rke2.io/node-config-hash': createHash('sha256').update(given).digest('hex').slice(0, 56).toUpperCase(),
    'rke2.io/node-env': '{}',
    'rke2.io/internal-ip': [settings.nodeIp, ...settings.moreNodeIps].join(','),
  }
}

function osImage(): string {
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
}

/** Starts the kubelet, or what stands for it: it keeps the Node's lease and conditions, and lets its pods run. */
export async function startKubelet(
  paths: Paths,
  settings: Settings,
  caFile: string,
  stopped: AbortSignal,
): Promise<Running[]> {
  const kubeconfig = join(paths.agent, 'kubelet.kubeconfig')
  await writeKubeconfig(kubeconfig, {
    server: 'https://127.0.0.1:6443',
    caFile,
    stem: kubeletStem(paths),
    mode: 0o600,
  })
  await mkdir(join(paths.agent, 'etc'), { recursive: true })
  const hasNetwork = (await networkTrouble(paths, settings)) === undefined
  await writeFile(join(paths.agent, 'etc', 'crictl.yaml'), `runtime-endpoint: unix://${containerdSocket}\n`)
  if (!podsAreReal) return [await startKwok(paths, settings, caFile, kubeconfig, hasNetwork)]
  const network = hasNetwork ? await apiAs(kubeletStem(paths), caFile) : undefined
  return startRealNode(paths, settings, kubeconfig, network, stopped)
}

async function startKwok(
  paths: Paths,
  settings: Settings,
  caFile: string,
  kubeconfig: string,
  hasNetwork: boolean,
): Promise<Running> {
  const stages = join(paths.agent, 'etc', 'kubelet-stages.yaml')
  await writeFile(stages, kwokConfiguration(hasNetwork))
  const freeLease = () =>
    releaseLease(paths, settings, caFile).catch(error => log.warn(`The node's lease is not free: ${explain(error)}`))
  await freeLease()
  return keepRunning(
    program(
      paths,
      'kwok',
      {
        kubeconfig,
        config: stages,
        'manage-single-node': settings.nodeName,
        'node-lease-duration-seconds': '40',
        'node-ip': settings.nodeIp,
        cidr: podRange(settings.shared['cluster-cidr'] ?? '10.42.0.0/16', settings.nodeIp),
      },
      [],
    ),
    () => {
      void freeLease()
      return false
    },
  )
}

/** A kubelet goes on with its lease after a restart; kwok comes back as somebody else, and would wait until it expires. */
async function releaseLease(paths: Paths, settings: Settings, caFile: string): Promise<void> {
  const api = await apiAs(kubeletStem(paths), caFile)
  try {
    await api.patch(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${settings.nodeName}`, {
      spec: { holderIdentity: null },
    })
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  } finally {
    api.close()
  }
}

/** Signs with the cluster's own authorities, which a server has on disk. */
export function localSigner(paths: Paths, settings: Settings): Signer {
  return async (kind, request) => {
    const authority = join(paths.tls, kind === 'client' ? 'client-ca' : 'server-ca')
    const subject = kubeletSubject(kind, settings.nodeName, [settings.nodeIp, ...settings.moreNodeIps])
    return (await signRequest(request, { stem: authority }, subject)) + readFileSync(`${authority}.crt`, 'utf8')
  }
}
