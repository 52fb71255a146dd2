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
  'no-successor': error(
    'The first server is to leave the cluster, and no other server can take its role over',
    'Add another server first, or bring one back, or name the server that is to take the role over with --successor.',
  ),
  'replaced-by-a-node': error(
    'A node is to be replaced by one that the cluster has already',
    'Name a machine that is to come; or only remove the node: slipway scale remove.',
  ),
  'address-kept': error(
    'A node is to come to the address of one that has not left the cluster yet',
    'Let that one leave first (slipway scale remove), and bring the new one in then.',
  ),
  'still-holds-data': error(
    'A node is to leave and to join anew, and its machine holds RKE2 and its data: it was not installed anew',
    'Repair it with slipway apply; or let it leave with slipway scale remove, which cleans the machine, and bring it in again.',
  ),
  'old-machine-lives': error(
    'Another machine is to take the name of a node whose own machine still works',
    'Give the new machine a name of its own; or power the old one off and wait until its Node is not ready.',
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
