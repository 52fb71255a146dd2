import { type FindingEntry, note } from './entry.ts'

/** What `status` finds in a cluster that no apply changes. */
export const driftFindings = {
  'foreign-node': note(
    'The cluster has a Node that is not on record: somebody else has joined it, or its record was lost',
    'If it belongs to the cluster, add it to the cluster file and apply. If not, drain it and delete it with kubectl, and end RKE2 on its machine first, or it comes back.',
  ),
} as const satisfies Record<string, FindingEntry>
