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
    ...(parameters ? ['kernel parameters (/etc/sysctl.d/60-rke2-cis.conf)'] : []),
  ]
  if (parts.length === 0) return []
  return [
    {
      effect: 'create',
      target: `node/${host.node.hostname}/hardening`,
      summary: `prepare for its profile: ${parts.join(', ')}`,
      detail: parts.join(', '),
    },
  ]
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

/** Variables of tasks/hardening.yml. */
export function hardeningVariables(
  node: Pick<NodeArguments, 'role' | 'node_vars'>,
  cluster: Pick<ClusterArguments, 'cluster_vars'>,
): HostVariables {
  const { account, parameters } = hardeningOf(node, cluster)
  if (!account && !parameters) return {}
  return { rke2_etcd_account: account, rke2_kernel_parameters: parameters ? parametersText : '' }
}
