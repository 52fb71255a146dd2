import type { Unmet } from '../../engine/contract/stage.ts'
import type { TerraformChange } from '../../terraform/changes.ts'
import { aboutMachine } from '../findings.ts'
import type { MachineUse, WantedRecord } from '../session.ts'

/**
 * What stands in the way of changing a machine that is a node of a cluster: what is on it would be lost, or it would go down
 * with its pods on it, perhaps several servers at once. Pure.
 * @param isLost nobody knows what was made of it.
 */
export function memberFindings(
  { name, provider }: Pick<WantedRecord, 'name' | 'provider'>,
  changes: readonly TerraformChange[],
  use: MachineUse | null,
  isLost: boolean,
): readonly Unmet[] {
  if (!use?.member) return []
  const { cluster, hostname, status, serversAway } = use
  const where = `it is node ${hostname} of ${cluster} (${status})`
  if (isLost)
    return [
      aboutMachine(
        name,
        'machine-in-use',
        'error',
        `${where}, and there is no Terraform state of it any more: it would be made anew`,
        `Restore the database from a backup; or put another machine in its place: slipway node replace ${cluster} ${hostname} NEW.`,
      ),
    ]
  const lost = changes.filter(({ action }) => action === 'replace' || action === 'delete')
  if (lost.length > 0)
    return [
      aboutMachine(
        name,
        'machine-in-use',
        'error',
        `${where}, and would be made anew, without its data: ${namesOf(lost)}`,
        `Take the change back; then put a machine with the new settings in its place, one node after the other: slipway node replace ${cluster} ${hostname} -f FILE.`,
      ),
    ]
  const noticed = changes.filter(change => isNoticed(change, provider.unnoticed ?? []))
  if (noticed.length === 0) return []
  const restarts = (message: string, remedy: string) => [
    aboutMachine(name, 'machine-restarts', 'error', message, remedy),
  ]
  if (status !== 'draining')
    return restarts(
      `${where}, and the change may restart it with its pods: ${namesOf(noticed)}`,
      `Change one node after the other, each below machine of its node in the file: slipway drain ${cluster} ${hostname}, then the change, then slipway uncordon ${cluster} ${hostname}. Or put another machine in its place: slipway node replace ${cluster} ${hostname} -f FILE.`,
    )
  if (serversAway.length === 0) return []
  return restarts(
    `${where}, and the change may restart it, while ${serversAway.join(', ')} of the other servers ${serversAway.length === 1 ? 'is' : 'are'} not at work: etcd could lose its majority`,
    `Bring the other one back first: slipway status ${cluster} tells what it lacks; one that was drained comes back with slipway uncordon ${cluster} ${serversAway[0]}.`,
  )
}

/** What is made besides touches nothing that is there. */
const isNoticed = ({ action, attributes }: TerraformChange, unnoticed: readonly string[]): boolean =>
  action === 'update' && attributes.some(({ name, unknown }) => !unknown && !unnoticed.includes(name))

/** `libvirt_domain.machine (memory)` */
const namesOf = (changes: readonly TerraformChange[]): string =>
  changes
    .map(({ address, attributes }) => {
      const names = attributes.filter(({ unknown, replaces }) => replaces || !unknown).map(({ name }) => name)
      return names.length === 0 ? address : `${address} (${names.join(', ')})`
    })
    .join(', ')
