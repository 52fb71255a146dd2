import { join } from 'node:path'
import { keepRunning, type Running } from './child.ts'
import type { Paths } from './paths.ts'
import { nodeProgram, podsFolder } from './real-pods.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'

/** Starts kube-proxy, which makes Services reach their pods. It outlives the service, as its container does in RKE2. */
export async function startProxy(paths: Paths, settings: Settings, kubeconfig: string): Promise<Running> {
  const args = [
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${settings.nodeName}`,
    `--cluster-cidr=${settings.shared['cluster-cidr'] ?? '10.42.0.0/16'}`,
    '--proxy-mode=nftables',
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0s',
    '--conntrack-tcp-timeout-close-wait=0s',
    '--healthz-bind-address=127.0.0.1:10256',
    '--metrics-bind-address=127.0.0.1:10249',
    ...settings.extra.kubeProxy.map(argument => `--${argument}`),
  ]
  return keepRunning(nodeProgram(join(podsFolder, 'bin/kube-proxy'), args, join(paths.logs, 'kube-proxy.log'), version))
}
