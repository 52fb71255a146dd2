import { execFile } from 'node:child_process'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { at, list, text, texts } from './json.ts'
import type { KubernetesApi } from './kubernetes-api.ts'
import { explain, log } from './log.ts'
import { persist } from './persist.ts'
import type { Settings } from './settings.ts'

const folder = '/etc/cni/net.d'
const lookPause = 2000

/**
 * The network of real pods, in place of RKE2's own: a bridge a host with the pods' range of its Node, and a route to the
 * range of each other Node. Returns once the kubelet can have it; follows the Nodes until it is stopped.
 */
export async function startPodNetwork(api: KubernetesApi, settings: Settings, stopped: AbortSignal): Promise<void> {
  const ranges = await persist('Waiting for the pod range of the node', 100, async () => {
    const own = rangesOf(await api.get(`/api/v1/nodes/${settings.nodeName}`))
    if (own.length === 0) throw new Error('the node has no podCIDRs')
    return own
  })
  await mkdir(folder, { recursive: true })
  const file = `${folder}/10-${settings.cni.find(name => name !== 'multus') ?? 'canal'}.conflist`
  await writeFile(`${file}.new`, JSON.stringify(bridgeNetwork(ranges), null, 2))
  await rename(`${file}.new`, file)
  void followNodes(api, settings, stopped)
}

const rangesOf = (node: unknown): string[] => texts(at(node, 'spec', 'podCIDRs'))

export function bridgeNetwork(ranges: readonly string[]): object {
  const everywhere = ranges.map(range => ({ dst: range.includes(':') ? '::/0' : '0.0.0.0/0' }))
  return {
    cniVersion: '0.4.0',
    name: 'k8s-pod-network',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: ranges.map(subnet => [{ subnet }]), routes: everywhere },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

/** The routes to the pods of all other nodes: range → address of the node, of the same family. */
export function routesTo(nodes: readonly unknown[], own: string): Map<string, string> {
  const routes = new Map<string, string>()
  for (const node of nodes) {
    if (text(at(node, 'metadata', 'name')) === own) continue
    const addresses = list(at(node, 'status', 'addresses'))
      .filter(address => at(address, 'type') === 'InternalIP')
      .map(address => text(at(address, 'address')) ?? '')
    for (const range of rangesOf(node)) {
      const next = addresses.find(address => address.includes(':') === range.includes(':'))
      if (next !== undefined) routes.set(range, next)
    }
  }
  return routes
}

async function followNodes(api: KubernetesApi, settings: Settings, stopped: AbortSignal): Promise<void> {
  const made = new Map<string, string>()
  let told = ''
  while (!stopped.aborted) {
    try {
      const wanted = routesTo(await api.items('/api/v1/nodes'), settings.nodeName)
      for (const range of made.keys()) {
        if (wanted.has(range)) continue
        await ip('route', 'delete', range)
        made.delete(range)
      }
      for (const [range, next] of wanted) {
        if (made.get(range) === next) continue
        await ip('route', 'replace', range, 'via', next)
        made.set(range, next)
      }
      told = ''
    } catch (error) {
      const reason = explain(error)
      if (reason !== told) log.warn(`Failed to follow the pod ranges of nodes: ${reason}`)
      told = reason
    }
    await delay(lookPause, undefined, { signal: stopped }).catch(() => undefined)
  }
}

async function ip(...args: string[]): Promise<void> {
  await promisify(execFile)('ip', args)
}
