import { reader, type Values } from './arguments.ts'
import { agentFlags, serverFlags } from './flags.ts'
import type { Machine } from './host.ts'
import { checkLabel, checkTaints } from './label-rules.ts'
import { type NetworkSettings, networkSettingsOf } from './network-settings.ts'
import { checkProfile } from './profile-rules.ts'
import { Refused } from './refusal.ts'
import {
  checkCloudProvider,
  checkCni,
  checkControllers,
  checkEgressSelectorMode,
  checkIngressController,
  checkNodeName,
  checkUrl,
} from './setting-rules.ts'

export type Role = 'server' | 'agent'

/** What one start of `rke2 server` or `rke2 agent` works with, checked. */
export interface Settings extends Omit<NetworkSettings, 'shared'> {
  role: Role
  dataDir: string
  server: string | undefined
  token: string | undefined
  agentToken: string | undefined
  nodeName: string
  nodeLabels: string[]
  nodeTaints: string[]
  tlsSan: string[]
  /** `mode` as it was given: an octal number, or anything else, which leaves the file to root alone. */
  kubeconfig: { file: string; mode: string }
  clusterReset: { restorePath: string | undefined } | undefined
  /** Settings that must be equal on all servers; compared on a join. */
  shared: Record<string, string>
  /** Files that the API server is given by path, as RKE2's keys for them name them. */
  apiserverFiles: { auditPolicy: string | undefined; admission: string | undefined }
  extra: Record<'etcd' | 'apiserver' | 'controllerManager' | 'scheduler' | 'kubelet' | 'kubeProxy', string[]>
  cni: string[]
  ingressController: string[]
  /** Packaged components that are not to be deployed. */
  disable: string[]
  /** `schedule` is undefined where scheduled snapshots are off. */
  snapshots: { s3: boolean; schedule: string | undefined; dir: string | undefined; name: string; retention: number }
  /** Options of the command line and the file together, as the node's annotation shows them. */
  given: string[]
  /** Keys of config.yaml that no option of this command knows. */
  unknown: string[]
  /** Values that Kubernetes' programs end for, again and again, while RKE2 itself goes on. */
  troubles: Refused[]
}

/** What surrounds a start, beside its options. */
export interface Surroundings {
  version: string
  hostname: string
  environment: Readonly<Record<string, string | undefined>>
  machine: Machine
  /** The text of a file that an option names. Throws where there is none. */
  read: (file: string) => string
}

/** Runs a check and keeps what Kubernetes' programs refuse; what RKE2 itself refuses goes on to the caller. */
export type Find = (check: () => void) => void

/** Everything that decides over a start, from its values and what surrounds it alone. Throws Refused where RKE2 ends. */
export function settingsOf(role: Role, values: Values, unknown: string[], around: Surroundings): Settings {
  const { environment, machine } = around
  const read = reader(values)
  for (const [key, kind] of role === 'server' ? serverFlags : agentFlags) {
    if (kind === 'switch') read.switch(key)
    if (kind === 'number') read.number(key, 0)
    if (kind === 'duration') read.duration(key)
  }
  checkCloudProvider({
    name: read.text('cloud-provider-name') !== undefined,
    config: read.text('cloud-provider-config') !== undefined,
    externalIp: read.raw('node-external-ip').length > 0,
  })
  const protection = values.has('protect-kernel-defaults') ? read.switch('protect-kernel-defaults') : undefined
  checkProfile(read.text('profile'), role, around.version, machine.preparation, protection)
  if (role === 'server') {
    checkCni(read.split('cni'))
    checkIngressController(read.split('ingress-controller'))
  }
  if (machine.controllers !== undefined) checkControllers(machine.controllers)
  const text = (key: string, file: string) => {
    const named = read.text(file)
    return named === undefined ? read.text(key) : around.read(named).trim()
  }
  const server = read.text('server') ?? environment.RKE2_URL
  const token = text('token', 'token-file') ?? environment.RKE2_TOKEN
  if (server !== undefined) checkUrl(server)
  if (role === 'agent' && server === undefined) throw new Refused('--server is required')
  if (role === 'agent' && token === undefined) throw new Refused('--token is required')

  const troubles: Refused[] = []
  const find: Find = check => {
    try {
      check()
    } catch (error) {
      if (!(error instanceof Refused) || error.by === 'rke2') throw error
      troubles.push(error)
    }
  }
  const nodeName = (read.text('node-name') ?? environment.RKE2_NODE_NAME ?? around.hostname).toLowerCase()
  const nodeLabels = read.raw('node-label')
  const nodeTaints = read.raw('node-taint')
  find(() => checkNodeName(nodeName))
  find(() => nodeLabels.forEach(checkLabel))
  find(() => checkTaints(nodeTaints))
  const { shared, ...network } = networkSettingsOf(role, read, around, find)
  const egress = read.text('egress-selector-mode') ?? 'agent'
  if (role === 'server') checkEgressSelectorMode(egress)
  return {
    ...network,
    role,
    dataDir: read.text('data-dir') ?? '/var/lib/rancher/rke2',
    server,
    token,
    agentToken: text('agent-token', 'agent-token-file') ?? environment.RKE2_AGENT_TOKEN,
    nodeName,
    nodeLabels,
    nodeTaints,
    tlsSan: read.list('tls-san'),
    kubeconfig: {
      file: read.text('write-kubeconfig') ?? '/etc/rancher/rke2/rke2.yaml',
      mode: read.text('write-kubeconfig-mode') ?? '600',
    },
    clusterReset: read.switch('cluster-reset') ? { restorePath: read.text('cluster-reset-restore-path') } : undefined,
    shared: {
      ...shared,
      'cluster-domain': read.text('cluster-domain') ?? 'cluster.local',
      'disable-cloud-controller': String(read.switch('disable-cloud-controller')),
      'disable-kube-proxy': String(read.switch('disable-kube-proxy')),
      'egress-selector-mode': egress,
    },
    apiserverFiles: {
      auditPolicy: read.text('audit-policy-file'),
      admission: read.text('pod-security-admission-config-file'),
    },
    extra: {
      etcd: read.raw('etcd-arg'),
      apiserver: read.raw('kube-apiserver-arg'),
      controllerManager: read.raw('kube-controller-manager-arg'),
      scheduler: read.raw('kube-scheduler-arg'),
      kubelet: read.raw('kubelet-arg'),
      kubeProxy: read.raw('kube-proxy-arg'),
    },
    cni: read.split('cni'),
    ingressController: read.split('ingress-controller'),
    disable: read.list('disable'),
    snapshots: {
      s3: read.switch('etcd-s3'),
      schedule: read.switch('etcd-disable-snapshots')
        ? undefined
        : (read.text('etcd-snapshot-schedule-cron') ?? '0 */12 * * *'),
      dir: read.text('etcd-snapshot-dir'),
      name: read.text('etcd-snapshot-name') ?? 'etcd-snapshot',
      retention: read.number('etcd-snapshot-retention', 5),
    },
    given: [role, ...[...values].flatMap(([key, given]) => given.flatMap(value => [`--${key}`, shown(key, value)]))],
    unknown,
    troubles,
  }
}

/** Secrets do not belong into an annotation that everybody reads. */
function shown(key: string, value: string): string {
  return /token|secret-key|access-key/.test(key) && !key.endsWith('-file') ? '********' : value
}
