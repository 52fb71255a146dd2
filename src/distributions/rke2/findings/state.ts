import { error, type FindingEntry, note } from '../../../domain/findings/entry.ts'

/** What `status` finds in a cluster, and no plan minds. */
export const stateFindings = {
  'foreign-member': note(
    'etcd has a member that belongs to no node on record, and it counts for the majority',
    'See whose it is by its address. If nobody needs it, remove it with etcdctl on a server, as `slipway status CLUSTER` shows, and delete the data of etcd on its machine.',
  ),
  'certificate-expiring': note(
    'A certificate of a machine ends within 120 days, and its service has not been restarted since',
    'Restart the service on that machine (systemctl restart rke2-server or rke2-agent, one server after the other): RKE2 renews at a start what ends within 120 days.',
  ),
  'certificate-expired': error(
    'A certificate of a machine has ended: others refuse to speak with it',
    'Restart the service on that machine (systemctl restart rke2-server or rke2-agent): RKE2 renews it at its start. Where the clock of the machine is wrong, set it first.',
  ),
} as const satisfies Record<string, FindingEntry>
