import { existsSync, readFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { isIP, isIPv4 } from 'node:net'
import { combine, parseArguments, Refused, reader } from './arguments.ts'
import { readConfiguration } from './configuration.ts'
import { agentFlags, serverFlags } from './flags.ts'
import { checkCni, checkLabel, checkProfile, checkSchedule, checkTaint, checkUrl } from './setting-rules.ts'

export type Role = 'server' | 'agent'

/** What one start of `rke2 server` or `rke2 agent` works with, checked. */
export interface Settings {
  role: Role
  dataDir: string
  server: string | undefined
  token: string | undefined
  agentToken: string | undefined
  nodeName: string
  /** The IPv4 address that etcd and the API server use; the others only show on the Node. */
  nodeIp: string
  moreNodeIps: string[]
  nodeExternalIp: string | undefined
  nodeLabels: string[]
  nodeTaints: string[]
  tlsSan: string[]
  advertiseAddress: string
  kubeconfig: { file: string; mode: number }
  clusterReset: { restorePath: string | undefined } | undefined
  /** Settings that must be equal on all servers; compared on a join. */
  shared: Record<string, string>
  extra: { etcd: string[]; apiserver: string[]; controllerManager: string[]; scheduler: string[] }
  cni: string[]
  /** Packaged components that are not to be deployed. */
  disable: string[]
  /** `schedule` is undefined where scheduled snapshots are off. */
  snapshots: { s3: boolean; schedule: string | undefined; dir: string | undefined; name: string; retention: number }
  nodePortRange: string
  /** Options of the command line and the file together, as the node's annotation shows them. */
  given: string[]
  /** Keys of config.yaml that no option of this command knows. */
  unknown: string[]
}

/** Reads the command line and the configuration file. Throws Refused when a value is wrong. */
export function readSettings(role: Role, args: readonly string[]): Settings {
  const flags = role === 'server' ? serverFlags : agentFlags
  const line = parseArguments(args, flags)
  if (line.rest.length > 0) throw new Refused(`unexpected argument: ${line.rest[0]}`)
  const environment = process.env
  const file = environment.RKE2_CONFIG_FILE ?? line.values.get('config')?.at(-1) ?? '/etc/rancher/rke2/config.yaml'
  const { values, unknown } = combine(readConfiguration(file), line.values, flags)
  const read = reader(values)
  for (const [key, kind] of flags) {
    if (kind === 'switch') read.switch(key)
    if (kind === 'number') read.number(key, 0)
  }
  const server = read.text('server') ?? environment.RKE2_URL
  if (server !== undefined) checkUrl(server)
  const nodeLabels = read.raw('node-label')
  const nodeTaints = read.raw('node-taint')
  nodeLabels.forEach(checkLabel)
  nodeTaints.forEach(checkTaint)
  checkCni(read.list('cni'))
  checkProfile(read.text('profile'))
  const schedule = read.text('etcd-snapshot-schedule-cron') ?? '0 */12 * * *'
  checkSchedule(schedule)
  const nodeIps = read.list('node-ip')
  const invalid = nodeIps.find(address => isIP(address) === 0)
  if (invalid !== undefined) throw new Refused(`invalid node-ip: ${invalid}`)
  const nodeIp = nodeIps.length === 0 ? firstAddress() : nodeIps.find(isIPv4)
  if (nodeIp === undefined) throw new Refused('the stand-in needs an IPv4 address among node-ip')
  const mode = read.text('write-kubeconfig-mode') ?? '600'
  if (!/^0?[0-7]{3}$/.test(mode))
    throw new Refused(`invalid value "${mode}" for flag -write-kubeconfig-mode: parse error`)
  const nodeName = localNodeName(read.text('node-name'))
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(nodeName)) throw new Refused(`invalid node name: ${nodeName}`)
  return {
    role,
    dataDir: read.text('data-dir') ?? '/var/lib/rancher/rke2',
    server,
    token: read.text('token') ?? fileText(read.text('token-file')) ?? environment.RKE2_TOKEN,
    agentToken: read.text('agent-token') ?? fileText(read.text('agent-token-file')) ?? environment.RKE2_AGENT_TOKEN,
    nodeName,
    nodeIp,
    moreNodeIps: nodeIps.filter(address => address !== nodeIp),
    nodeExternalIp: read.list('node-external-ip')[0],
    nodeLabels,
    nodeTaints,
    tlsSan: read.list('tls-san'),
    advertiseAddress: read.text('advertise-address') ?? nodeIp,
    kubeconfig: {
      file: read.text('write-kubeconfig') ?? '/etc/rancher/rke2/rke2.yaml',
      mode: Number.parseInt(mode, 8),
    },
    clusterReset: read.switch('cluster-reset') ? { restorePath: read.text('cluster-reset-restore-path') } : undefined,
    shared: {
      'cluster-cidr': read.list('cluster-cidr').join(',') || '10.42.0.0/16',
      'service-cidr': read.list('service-cidr').join(',') || '10.43.0.0/16',
      'cluster-dns': read.list('cluster-dns').join(',') || '10.43.0.10',
      'cluster-domain': read.text('cluster-domain') ?? 'cluster.local',
      'disable-cloud-controller': String(read.switch('disable-cloud-controller')),
      'disable-kube-proxy': String(read.switch('disable-kube-proxy')),
      'egress-selector-mode': read.text('egress-selector-mode') ?? 'agent',
    },
    extra: {
      etcd: read.raw('etcd-arg'),
      apiserver: read.raw('kube-apiserver-arg'),
      controllerManager: read.raw('kube-controller-manager-arg'),
      scheduler: read.raw('kube-scheduler-arg'),
    },
    cni: read.list('cni'),
    disable: read.list('disable'),
    snapshots: {
      s3: read.switch('etcd-s3'),
      schedule: read.switch('etcd-disable-snapshots') ? undefined : schedule,
      dir: read.text('etcd-snapshot-dir'),
      name: read.text('etcd-snapshot-name') ?? 'etcd-snapshot',
      retention: read.number('etcd-snapshot-retention', 5),
    },
    nodePortRange: read.text('service-node-port-range') ?? '30000-32767',
    given: [role, ...[...values].flatMap(([key, given]) => given.flatMap(value => [`--${key}`, shown(key, value)]))],
    unknown,
  }
}

/** The name of this host's Node. */
export function localNodeName(given: string | undefined): string {
  return (given ?? process.env.RKE2_NODE_NAME ?? hostname()).toLowerCase()
}

/** Secrets do not belong into an annotation that everybody reads. */
function shown(key: string, value: string): string {
  return /token|secret-key|access-key/.test(key) && !key.endsWith('-file') ? '********' : value
}

function fileText(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  if (!existsSync(file)) throw new Refused(`open ${file}: no such file or directory`)
  return readFileSync(file, 'utf8').trim()
}

function firstAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const address of addresses ?? []) if (address.family === 'IPv4' && !address.internal) return address.address
  }
  throw new Refused('no default routes found in "/proc/net/route" or "/proc/net/ipv6_route"')
}
