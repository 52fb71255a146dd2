import { acceptable, error, type FindingEntry } from '../../../domain/findings/entry.ts'

/** What is found about a cluster as it runs and is recorded. */
export const clusterFindings = {
  'member-without-data': error(
    'A node is a member of the cluster, but its machine holds no data any more, as after a reinstallation',
    'Put its disk back; or let what is lost leave and its machine join anew, with slipway node replace (the finding shows the whole command).',
  ),
  'member-lost': error(
    'A machine shows another host key than the one recorded, and the cluster still counts on it as a member',
    'If it was reinstalled, let what is lost leave and its machine join anew, with the command that is shown.',
  ),
  'member-removed': error(
    'A machine holds the data of a member that the cluster has removed from etcd, with which its etcd can never start',
    'If it is to come back as a new member, end what still runs of it and delete its data with the command that is shown (rke2-killall.sh, then server/db below the data folder), and apply again.',
  ),
  'cluster-restored': acceptable(
    'All servers agree on another etcd than the recorded one, as after a snapshot was restored',
    'If you have restored it, accept it, and it is put on record.',
  ),
  'ca-rotated': acceptable(
    'All servers are the recorded cluster by their etcd, under another CA than the recorded one, as after `rke2 certificate rotate-ca`',
    'If you have rotated it, accept it: the new CA is put on record, and every node is told of it by a restart, one server after the other.',
  ),
  'foreign-data': error(
    'The data on a machine belongs to another cluster, or its etcd has split off from the recorded one',
    'Put the right disk back; or, if nothing on it is needed, uninstall RKE2 there (rke2-uninstall.sh) and apply again. Where only the etcd differs, as after a restore, uninstall nothing: the finding says which servers have to be asked, and whose data has to go.',
  ),
  'version-differs': error(
    'A node runs another version than the cluster file says',
    'Set version back to what it runs: apply does not upgrade. Where the other servers run what the file says, put that release back on the machine that is named; an agent with another patch is given that of its servers by itself.',
  ),
  'role-differs': error(
    'A machine is set up as a server and the cluster file says worker, or the other way round',
    'Set the role back: apply turns no server into an agent, nor the other way round.',
  ),
  'quorum-unknown': error(
    'No server answers for the cluster, so nobody can say what the restart or removal of one would cost',
    'Bring the API of a server back first.',
  ),
  'quorum-at-risk': error(
    'The restart or removal of a server would lose the majority of etcd',
    'Bring the other servers back first, and plan again.',
  ),
  'last-server': error('The last server of a cluster is to be removed', 'Add another server first.'),
  'member-away': error(
    'A server is to join, and a member of etcd does not answer, beside which etcd takes no new one',
    'Bring the member back; or, where it is lost, take it out of the cluster first: slipway scale remove with --accept unreachable:NODE.',
  ),
  interruption: acceptable(
    'The restart of a server interrupts the cluster, because etcd has no majority without it',
    'Accept it at a time that suits.',
  ),
  'token-differs': error(
    'token_file holds another token than the one the cluster was set up with',
    'Put the earlier token back, or leave token_file out: apply does not rotate the token.',
  ),
  'fixed-setting-changed': error(
    'A setting that a cluster keeps as long as it lives (ranges, domain, data folder, network plugin) is another one than it was made with',
    'Set it back to what is named; another one needs a new cluster.',
  ),
  'machines-not-known': error(
    'Slipway has not made this cluster, and nobody has logged in to one of its servers: who it is, its tokens and the settings of its machines are not known',
    'Let a server tell: slipway discover CLUSTER --ssh USER@HOST.',
  ),
  'cluster-not-formed': error(
    'The first server has not made the cluster yet',
    'Plan again: the installation starts it.',
  ),
} as const satisfies Record<string, FindingEntry>
