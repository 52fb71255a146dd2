import { type FindingEntry, note } from './entry.ts'

/** What `status` finds in a cluster that no apply changes. */
export const driftFindings = {
  'foreign-node': note(
    'The cluster has a Node that is not on record: somebody else has joined it, or its record was lost',
    'If it belongs to the cluster, add it to the cluster file and apply. If not, drain it and delete it with kubectl, and end RKE2 on its machine first, or it comes back.',
  ),
  'node-gone': note(
    'A member on record has no Node in the cluster: somebody has deleted it',
    'If it is to be there, apply brings it back where its machine is. If not: slipway scale remove, or discover again for a cluster that others have made.',
  ),
  'node-not-ready': note(
    'The Node of a member on record is not ready',
    'See whether its machine is there, and what its kubelet says (journalctl on that machine); where its service does not run, apply starts it.',
  ),
} as const satisfies Record<string, FindingEntry>
