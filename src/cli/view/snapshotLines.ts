import type { ShownSnapshots } from '../../api/clusters/snapshotShapes.ts'
import { printable } from '../terminal.ts'

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

/** `just now`, `12 min ago`, `3 h ago`, `5 d ago` */
function age(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1) return 'just now'
  if (minutes < 120) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`
}
