import { error, type FindingEntry, note } from '../../../domain/findings/entry.ts'

/** What `slipway status CLUSTER` finds about the snapshots of etcd, and a plan about their folder. */
export const snapshotFindings = {
  'no-snapshot': note(
    'Snapshots of etcd are wanted, and no server has one',
    'Look at etcd-snapshot-schedule-cron and etcd-snapshot-dir in the cluster file, and take one at once: rke2 etcd-snapshot save, as root on a server.',
  ),
  'snapshot-old': note(
    'The newest snapshot of etcd is older than two of its schedule’s intervals',
    'Look for a full disk or a missing folder on the servers (journalctl -u rke2-server), and take one at once: rke2 etcd-snapshot save, as root on a server.',
  ),
  'snapshot-folder': note(
    'The folder for snapshots on a server is gone or cannot be read, so that its scheduled snapshots fail without a word',
    'Make the folder, or mount what belongs there.',
  ),
  'snapshot-folder-unusable': error(
    'The folder that etcd-snapshot-dir names cannot be made or written to on a server, and RKE2 would take no snapshot',
    'Put what stands in its place away, mount it writable, or name another folder in etcd-snapshot-dir.',
  ),
} as const satisfies Record<string, FindingEntry>
