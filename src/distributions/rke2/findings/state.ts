import { type FindingEntry, note } from '../../../domain/findings/entry.ts'

/** What `status` finds in a cluster, and no plan minds. */
export const stateFindings = {
  'foreign-member': note(
    'etcd has a member that belongs to no node on record, and it counts for the majority',
    'See whose it is by its address. If nobody needs it, remove it with etcdctl on a server, as `slipway status CLUSTER` shows, and delete the data of etcd on its machine.',
  ),
} as const satisfies Record<string, FindingEntry>
