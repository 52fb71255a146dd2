import type { Running } from './child.ts'
import { startContainerd } from './container-runtime.ts'
import { startProxy } from './kube-proxy.ts'
import { startRealKubelet } from './kubelet.ts'
import type { KubernetesApi } from './kubernetes-api.ts'
import { explain, log } from './log.ts'
import type { Paths } from './paths.ts'
import { startPodNetwork } from './pod-network.ts'
import type { Settings } from './settings.ts'

/** Starts what makes pods really run on this host. Without an API for the network its Node never becomes ready. */
export async function startRealNode(
  paths: Paths,
  settings: Settings,
  kubeconfig: string,
  network: KubernetesApi | undefined,
  stopped: AbortSignal,
): Promise<Running[]> {
  const containerd = await startContainerd(paths, settings, stopped)
  const kubelet = await startRealKubelet(paths, settings, kubeconfig)
  const hasProxy = settings.shared['disable-kube-proxy'] !== 'true'
  const proxy = hasProxy ? [await startProxy(paths, settings, kubeconfig)] : []
  if (network !== undefined) {
    startPodNetwork(network, settings, stopped).catch(error => log.error(`No network of pods: ${explain(error)}`))
  }
  return [kubelet, ...proxy, containerd]
}
