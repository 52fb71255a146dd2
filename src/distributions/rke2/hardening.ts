import type { AcceptableWarning } from '../../domain/findingCatalogue.ts'
import type { Finding } from '../../domain/errors.ts'
import type { Change } from '../../engine/contract/stage.ts'
import type { HostVariables } from '../../ansible/inventory.ts'
import { ownFileMark } from './files/hostFiles.ts'
import type { ClusterArguments, NodeArguments } from './arguments.ts'
import type { Candidate } from './candidate.ts'
import type { ReachedHost } from './observedHost.ts'

/** What kubelet wants of the kernel under `protect-kernel-defaults`, which the profile cis turns on. */
const kernelParameters: Readonly<Record<string, string>> = {
  'vm.panic_on_oom': '0',
  'vm.overcommit_memory': '1',
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
}

/** Exact content of /etc/sysctl.d/60-rke2-cis.conf. */
export const parametersText = `${ownFileMark}\n${Object.entries(kernelParameters)
  .map(([name, value]) => `${name}=${value}\n`)
  .join('')}`

/** What a profile asks of a machine before RKE2 is started there. */
export interface Hardening {
  /** User and group etcd, on servers. */
  readonly account: boolean
  readonly parameters: boolean
}

export function hardeningOf(
  { role, node_vars }: Pick<NodeArguments, 'role' | 'node_vars'>,
  { cluster_vars }: Pick<ClusterArguments, 'cluster_vars'>,
): Hardening {
  const profile: string = node_vars?.profile ?? cluster_vars?.profile ?? ''
  return { account: profile !== '' && role !== 'worker', parameters: profile.startsWith('cis') }
}

const parametersFile = '/etc/sysctl.d/60-rke2-cis.conf'

/** Whether the file of ours lies there and no profile asks for it any more. */
const dropsParameters = (
  { node, facts: { prepared } }: ReachedHost,
  cluster: Pick<ClusterArguments, 'cluster_vars'>,
): boolean => !hardeningOf(node, cluster).parameters && prepared.cis_parameters?.startsWith(`${ownFileMark}\n`) === true

/** What of that a machine lacks; a parameter that cannot be changed there (in a container) is not Slipway's to give. */
function lackingOf(
  { node, facts: { prepared } }: ReachedHost,
  cluster: Pick<ClusterArguments, 'cluster_vars'>,
): Hardening {
  const wanted = hardeningOf(node, cluster)
  const differs = Object.entries(kernelParameters).some(([name, value]) => {
    const present = prepared.kernel_parameters[name]
    return present?.writable === true && present.value !== value
  })
  return {
    account: wanted.account && !(prepared.etcd_user && prepared.etcd_group),
    parameters: wanted.parameters && (differs || prepared.cis_parameters !== parametersText.trim()),
  }
}

/** Change that makes a machine ready for its profile; empty when it is. */
export function hardeningChanges(host: ReachedHost, cluster: Pick<ClusterArguments, 'cluster_vars'>): Change[] {
  const { account, parameters } = lackingOf(host, cluster)
  const parts = [
    ...(account ? ['the user and group etcd'] : []),
    ...(parameters ? [`kernel parameters (${parametersFile})`] : []),
  ]
  const target = `node/${host.node.hostname}/hardening`
  const changes: Change[] = []
  if (parts.length > 0)
    changes.push({
      effect: 'create',
      target,
      summary: `prepare for its profile: ${parts.join(', ')}`,
      detail: parts.join(', '),
    })
  if (dropsParameters(host, cluster))
    changes.push({
      effect: 'delete',
      target: `${target}/parameters`,
      summary: `remove ${parametersFile}, which no profile asks for any more; its values stay until the machine boots`,
    })
  return changes
}

/**
 * Parameters that the profile needs and that nobody can set on the machine itself, as in most containers: kubelet ends
 * there, and whoever runs the machine around it may still set them before.
 */
export function hardeningFindings(
  { node, facts: { prepared } }: Candidate,
  cluster: Pick<ClusterArguments, 'cluster_vars'>,
): Finding[] {
  if (!hardeningOf(node, cluster).parameters) return []
  const closed = Object.entries(kernelParameters).flatMap(([name, value]) => {
    const present = prepared.kernel_parameters[name]
    if (!present || present.writable || present.value === value) return []
    return [{ is: `${name} is ${present.value ?? 'not there'}`, set: `${name}=${value}` }]
  })
  if (closed.length === 0) return []
  const settings = closed.map(({ set }) => set).join(' ')
  return [
    {
      name: 'kernel-parameters' satisfies AcceptableWarning,
      severity: 'warning',
      about: `node ${node.hostname}`,
      message: `${closed.map(({ is }) => is).join(', ')}, and cannot be set on the machine itself: under the profile cis kubelet ends there`,
      remedy: `On the machine around it: \`sysctl -w ${settings}\`. Or accept it with --accept kernel-parameters.`,
    },
  ]
}

/** Files of others that take the profile's parameters back at the next boot, as those of earlier installers do. */
export function laterParameters(
  { node, facts: { prepared } }: ReachedHost,
  cluster: Pick<ClusterArguments, 'cluster_vars'>,
): Finding[] {
  if (!hardeningOf(node, cluster).parameters) return []
  const others = prepared.later_parameters.filter(({ name, value }) => kernelParameters[name] !== value)
  if (others.length === 0) return []
  const files = [...new Set(others.map(({ file }) => file))]
  const lines = others.map(({ name, value, file }) => `${file} sets ${name} to ${value}`)
  return [
    {
      name: 'kernel-parameters-later' satisfies AcceptableWarning,
      severity: 'warning',
      about: `node ${node.hostname}`,
      message: `${lines.join(', ')}, and is read behind ${parametersFile}: after the next boot kubelet would end under the profile cis`,
      remedy: `On the machine: take these lines out of ${files.join(', ')}. Or accept it with --accept kernel-parameters-later.`,
    },
  ]
}

/** Variables of tasks/hardening.yml. */
export function hardeningVariables(host: ReachedHost, cluster: Pick<ClusterArguments, 'cluster_vars'>): HostVariables {
  const { account, parameters } = hardeningOf(host.node, cluster)
  if (dropsParameters(host, cluster)) return { rke2_etcd_account: account, rke2_drop_parameters: true }
  if (!account && !parameters) return {}
  return { rke2_etcd_account: account, rke2_kernel_parameters: parameters ? parametersText : '' }
}
