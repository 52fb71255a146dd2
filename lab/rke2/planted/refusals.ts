import { z } from 'zod'
import { renderConfigEntries, renderConfigText } from '../../../src/distributions/rke2/files/configEntries.ts'
import { addressesOf, type ClusterSpec, isServer, type NodeSpec } from '../../../src/domain/cluster.ts'
import { type Family, parseAddress, parseRange } from '../address.ts'
import { parseConfiguration } from '../configuration.ts'
import { parseCron } from '../cron.ts'
import { checkFamilies, networkOf } from '../range-rules.ts'
import { Refused } from '../refusal.ts'
import { refusalOf } from '../refusal-of.ts'

const hash = 'a1'.repeat(32)

/** A door that lets everything in, as if no rule of Slipway's had looked at a file. */
export const unlooked = z.custom<ClusterSpec>()

/**
 * What each node's config.yaml, as Slipway renders it, is refused for: `HOST: PROGRAM: MESSAGE`; empty where all nodes
 * start and do what the file says. `token` is what the first server is given.
 */
export function refusalsOf(spec: ClusterSpec, token = 'token'): string[] {
  return spec.nodes.flatMap(node => {
    const text = configOf(spec, node, token)
    const addresses = ['127.0.0.1', '::1', ...addressesOf(node.internal_ip), ...addressesOf(node.external_ip)]
    const refused =
      refusalOf(isServer(node) ? 'server' : 'agent', text, spec.version, { addresses }, node.hostname) ??
      (isServer(node) ? unreadSchedule(text) : otherFamily(spec, node, token))
    return refused === undefined ? [] : [`${node.hostname}: ${refused.by}: ${refused.message}\n${text}`]
  })
}

function configOf(cluster: ClusterSpec, node: NodeSpec, token: string): string {
  const server = isServer(node)
  const kind = node.role === 'initial_master' ? 'initial' : server ? 'joining' : 'worker'
  return renderConfigText(
    renderConfigEntries({
      cluster,
      node,
      kind,
      ...(server && { token: kind === 'initial' ? token : `K10${hash}::server:token` }),
      agentToken: server ? 'agent' : `K10${hash}::node:agent`,
      ...(kind !== 'initial' && { server: 'https://10.0.0.1:9345' }),
    }),
  )
}

const given = (text: string, key: string): string[] =>
  (parseConfiguration([{ name: 'config.yaml', text }]).get(key) ?? []).flatMap(entry => entry.split(','))

const refusalIn = (check: () => unknown): Refused | undefined => {
  try {
    check()
    return undefined
  } catch (error) {
    return error instanceof Refused ? error : new Refused(`no snapshot is ever taken: ${String(error)}`)
  }
}

/** RKE2 starts with a schedule that it can't read, and never takes a snapshot. */
function unreadSchedule(text: string): Refused | undefined {
  const [schedule] = parseConfiguration([{ name: 'config.yaml', text }]).get('etcd-snapshot-schedule-cron') ?? []
  return schedule === undefined ? undefined : refusalIn(() => parseCron(schedule))
}

/** An agent gets the ranges from its server, and then looks whether its own addresses go with them. */
function otherFamily(spec: ClusterSpec, node: NodeSpec, token: string): Refused | undefined {
  const first = spec.nodes.find(one => one.role === 'initial_master')
  if (first === undefined) return undefined
  const text = configOf(spec, first, token)
  const family: Family = parseAddress(addressesOf(first.internal_ip)[0] ?? '')?.family ?? 4
  const rangesIn = (key: string) => given(text, key).filter(one => parseRange(one) !== undefined)
  return refusalIn(() => {
    const { cluster, service } = networkOf(
      { cluster: rangesIn('cluster-cidr'), service: rangesIn('service-cidr'), dns: given(text, 'cluster-dns') },
      family,
    )
    checkFamilies(
      cluster,
      service,
      addressesOf(node.internal_ip).flatMap(one => parseAddress(one) ?? []),
    )
  })
}
