import { hostOf } from './address.ts'
import { etcdClient } from './etcd-client.ts'
import { enterCluster, type Initial } from './etcd.ts'
import { at, list, texts } from './json.ts'
import { log } from './log.ts'
import type { Signer } from './node.ts'
import type { Paths } from './paths.ts'
import type { Settings } from './settings.ts'
import type { Supervisor } from './supervisor-client.ts'

/** Throws when settings that must be equal on all servers differ from the cluster's. */
export function checkSharedSettings(mine: Readonly<Record<string, string>>, cluster: unknown): void {
  const different = Object.entries(mine).filter(
    ([key, value]) => at(cluster, key) !== undefined && at(cluster, key) !== value,
  )
  if (different.length > 0) {
    throw new Error(`critical configuration mismatched between servers: ${different.map(([key]) => key).join(', ')}`)
  }
}

/** Asks the cluster's supervisor to sign this host's kubelet keys; it checks the node's password first. */
export function supervisorSigner(supervisor: Supervisor, settings: Settings, password: string): Signer {
  return (kind, request) =>
    supervisor.post(`/v1-rke2/${kind}-kubelet.crt`, request, {
      'rke2-node-name': settings.nodeName,
      'rke2-node-password': password,
      'rke2-node-ip': [settings.nodeIp, ...settings.moreNodeIps].join(','),
    })
}

/** Adds this server to the cluster's etcd through the members that the supervisor names. */
export async function enterThrough(
  supervisor: Supervisor,
  paths: Paths,
  settings: Settings,
  name: string,
): Promise<Initial> {
  const members = list(at(JSON.parse(await supervisor.get('/db/info')), 'members'))
  const endpoints = members
    .filter(member => at(member, 'learner') !== true)
    .flatMap(member => texts(at(member, 'clientUrls')))
    .filter(endpoint => hostOf(endpoint) !== settings.nodeIp)
  let failure: unknown = new Error('the cluster names no etcd member to join through')
  for (const endpoint of endpoints) {
    const client = await etcdClient(paths, endpoint)
    try {
      await client.status()
    } catch (error) {
      failure = error
      log.warn(`etcd member at ${endpoint} does not answer`)
      client.close()
      continue
    }
    try {
      return await enterCluster(client, name, settings)
    } finally {
      client.close()
    }
  }
  throw failure
}
