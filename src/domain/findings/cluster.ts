import { acceptable, error, type FindingEntry } from './entry.ts'

/** What is found about a cluster as it runs and is recorded. */
export const clusterFindings = {
  'member-without-data': error(
    'A node is a member of the cluster, but its machine holds no data any more, as after a reinstallation',
    'Put its disk back, or take the lost member out first: kubectl delete node NAME; then plan again.',
  ),
  'foreign-data': error(
    'The data on a machine belongs to another cluster',
    'Uninstall RKE2 there (rke2-uninstall.sh), or put back the right disk.',
  ),
  'version-differs': error(
    'A node runs another version than the cluster file says',
    'Set version back to what it runs: apply does not upgrade.',
  ),
  'role-differs': error(
    'A machine is set up as a server and the cluster file says worker, or the other way round',
    'Set the role back: apply turns no server into an agent, nor the other way round.',
  ),
  'quorum-unknown': error(
    'No server answers for the cluster, so nobody can say what a restart would cost',
    'Bring the API of a server back first.',
  ),
  'quorum-at-risk': error(
    'The restart of a server would lose the majority of etcd',
    'Bring the other servers back first, and plan again.',
  ),
  interruption: acceptable(
    'The restart of a server interrupts the cluster, because etcd has no majority without it',
    'Accept it at a time that suits.',
  ),
  'token-differs': error(
    'token_file holds another token than the one the cluster was set up with',
    'Put the earlier token back, or leave token_file out: apply does not rotate the token.',
  ),
  'cluster-not-formed': error(
    'The first server has not made the cluster yet',
    'Plan again: the installation starts it.',
  ),
  'join-address-down': error(
    'A node that is no member yet would join through the first server, which is left out because it cannot be reached',
    'Bring the first server back first, or set api_endpoint to an address that another server answers.',
  ),
  'member-not-named': error(
    'A node is a member of the cluster, and the cluster file no longer names it',
    'Put it back into the file: apply does not remove members.',
  ),
  'unfinished-not-named': acceptable(
    'The installation of a node was begun and never finished, and the cluster file no longer names it',
    'If it will not come back, accept it, and it is taken off the record; else put it back into the file.',
  ),
  'address-taken': error(
    'The address of a node is that of a node of another cluster',
    'Give the node another address, or remove the other node from its cluster first.',
  ),
  'bad-request': error(
    'A request to the HTTP API does not fit its description',
    'Write it as /api/v1/openapi.json describes it.',
  ),
} as const satisfies Record<string, FindingEntry>
