import type { AcceptableWarning } from '../../domain/findingCatalogue.ts'
import type { Finding } from '../../domain/errors.ts'
import type { FindingName } from '../../domain/findingCatalogue.ts'
import type { ClusterArguments } from './arguments.ts'
import type { Candidate } from './candidate.ts'
import { networkOf } from './machine/network.ts'

/** Without these kubelet or RKE2 end at their start. */
const controllers = ['cpu', 'cpuset', 'memory', 'pids']

/** What RKE2 needs of a machine and cannot do itself, or what stands in its way there. */
export function needFindings(
  { node, facts }: Candidate,
  { cluster_vars }: Pick<ClusterArguments, 'cluster_vars'>,
): Finding[] {
  const about = `node ${node.hostname}`
  const found: Finding[] = []
  const error = (name: FindingName, message: string, remedy: string) =>
    found.push({ name, severity: 'error', about, message, remedy })
  const present = facts.prepared.cgroup_controllers
  const missing = present === null ? [] : controllers.filter(name => !present.includes(name))
  if (missing.length > 0)
    error(
      'cgroup-missing',
      `the cgroup controller${missing.length > 1 ? 's' : ''} ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} not there: RKE2 refuses to start`,
      missing.includes('memory')
        ? 'Boot with `cgroup_enable=memory cgroup_memory=1` on the kernel’s command line; in a container, let its host delegate them.'
        : 'Take cgroup_disable= off the kernel’s command line; in a container, let its host delegate them.',
    )
  for (const name of facts.prepared.missing_modules)
    error(
      'module-missing',
      `the kernel module ${name} can’t be loaded`,
      `Install the kernel’s modules, or take the line \`install ${name} …\` out of /etc/modprobe.d.`,
    )
  for (const { path, owner } of facts.foreign_cni) {
    const whose = `${path} is a container network of ${owner ?? 'somebody else'}`
    const own = ownNetwork(cluster_vars?.cni)
    if ((path.split('/').at(-1) ?? '') < own)
      error(
        'foreign-cni-first',
        `${whose} and stands before RKE2’s own (${own}): every pod would get addresses of it`,
        `Remove it, or give it a name behind ${own}.`,
      )
    else
      found.push({
        name: 'foreign-cni' satisfies AcceptableWarning,
        severity: 'warning',
        about,
        message: `${whose}: until RKE2’s own network is up, pods may get addresses of it`,
        remedy: `Remove the file where ${owner ?? 'it'} is not needed, or accept it with --accept foreign-cni.`,
      })
  }
  return found
}

/** The file of the network that RKE2 brings; containerd takes the first by name. */
function ownNetwork(cni: string | undefined): string {
  const last = networkOf(cni)
  return last === 'cilium' ? '05-cilium.conflist' : `10-${last}.conflist`
}
