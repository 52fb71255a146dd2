import type { Finding } from '../errors.ts'
import { hostList } from '../hostList.ts'
import type { RecordedCluster } from '../recordedCluster.ts'

/** What was to be taken away is put together again only where somebody says so: what is left may be no cluster any more. */
export function uninstallBegunFindings(cluster: string, recorded: Pick<RecordedCluster, 'uninstalling'>): Finding[] {
  const { uninstalling } = recorded
  if (!uninstalling) return []
  const { run, wiped, keep_snapshots, destroy_machines, accepted } = uninstalling
  // As it was asked for: so it is the same wish, and goes on.
  const words = [
    ...(keep_snapshots ? ['--keep-snapshots'] : []),
    ...(destroy_machines ? ['--destroy-machines'] : []),
    ...accepted.map(word => `--accept ${word}`),
  ]
  const done = wiped.length === 0 ? 'no machine is off the record yet' : `wiped already: ${hostList(wiped)}`
  return [
    {
      name: 'uninstall-begun',
      severity: 'warning',
      about: `cluster ${cluster}`,
      message: `run ${run} has begun to uninstall it, and did not end (${done})`,
      remedy: `Go on with the uninstall: slipway resume ${run}, or ${['slipway uninstall', cluster, ...words].join(' ')}. To put the cluster together again from what is left, accept it: --accept uninstall-begun.`,
    },
  ]
}
