import { acceptable, error, type FindingEntry } from './entry.ts'

/** What is found where something is to be done to nodes that are named. */
export const nodeOperationFindings = {
  'named-twice': error('A node is named twice', 'Name each node once.'),
  'node-not-on-record': error('The cluster has no node of this name on record', 'Name one that `slipway nodes` lists.'),
  'node-differs': error(
    'A node is to be added, and the cluster has one of this name with other settings',
    'Leave it out, or give it another name; to change a node, change it in the cluster file and apply that.',
  ),
  'key-file-differs': error(
    'A node that is to be added names a file under a path by which the cluster knows another one',
    'Name it by another path, as an absolute one; new contents of the known one are brought by slipway apply.',
  ),
  'no-nodes-file': error(
    'The file that was named has no list of nodes',
    'Write `nodes:` and below it each node as in the `spec.nodes` of a cluster file.',
  ),
  'node-comes-back': acceptable(
    'A node was taken out of the cluster after the cluster file was applied last, and the file still names it',
    'Take it out of the file as well, or accept it: its machine is installed anew, and joins.',
  ),
  'removed-and-named': error(
    'A node is to be removed, and the cluster file names it',
    'Take it out of the file, or do not remove it.',
  ),
  'first-server-stays': error(
    'The first server is to be taken out of the cluster, and this version does not replace it',
    'Put it back into the file.',
  ),
  'not-a-member': error(
    'A node is on record, and was never brought into the cluster',
    'Bring it into the cluster first: slipway apply.',
  ),
  'no-such-node': error(
    'The API of the cluster has no Node of this name',
    'See which there are with `kubectl get nodes`; a node that is on record and not there joins again with `slipway apply`.',
  ),
  'pods-would-be-lost': error(
    'Pods of the node would lose data, or would not be made anew elsewhere',
    'Save what is needed and remove these pods, or allow that they are lost: --delete-emptydir-data, --delete-unmanaged.',
  ),
  'disruption-budget': acceptable(
    'A PodDisruptionBudget lets none of its pods go now',
    'Give it more pods, or loosen it; or accept it, and the drain waits for it as long as it may take.',
  ),
  'no-room-for-pods': acceptable(
    'No other node of the cluster takes the pods of those that are drained',
    'Uncordon or add a node first, or accept it: the pods stay pending until one takes them.',
  ),
} as const satisfies Record<string, FindingEntry>
