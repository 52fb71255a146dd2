import type { ShownSnapshots } from '../../contract/snapshots.ts'
import { printable } from '../terminal.ts'
import { age } from './age.ts'

/** What `status` says below the cluster's row; nothing where no server is installed. */
export function snapshotLines({ off, newest, servers }: ShownSnapshots): string[] {
  if (servers.length === 0) return []
  const switchedOff = off ? ['switched off (etcd-disable-snapshots)'] : []
  const lines = newest
    ? [`${newest.taken} on ${newest.hostname} (${age(newest.age_s)}), ${newest.folder}`, ...switchedOff]
    : off
      ? switchedOff
      : [
          servers.some(server => server.folder_state !== 'present' && server.folder_state !== 'missing')
            ? 'not known'
            : 'none',
        ]
  return [`last snapshot   ${printable(lines.join('; '))}`]
}
