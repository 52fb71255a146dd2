import { acceptable, error, type FindingEntry } from './entry.ts'

/** What is found where a whole cluster is to be uninstalled, or was begun to be. */
export const uninstallFindings = {
  'data-loss': acceptable(
    'The cluster is to be uninstalled, and all of its data goes with it; what becomes of its newest snapshot is told',
    'Copy what is needed away first, a snapshot with the token of its server, or leave the snapshots there with --keep-snapshots; then accept it.',
  ),
  'left-alone': error(
    'A machine that is on record is no machine of this cluster any more, or nothing on it proves that it is: it is not touched',
    'See whose it is. Leave it as it is by its name, --accept left-alone:HOST; or, where what lies there is this cluster’s, uninstall it there by hand, as root: rke2-uninstall.sh; rm -r /var/lib/slipway.',
  ),
  'cluster-lives-on': acceptable(
    'A cluster is to go off the record, and servers with its data are left as they are: it may go on there, and its tokens and its kubeconfig are deleted here',
    'Uninstall these servers as well, or save the kubeconfig first (slipway kubeconfig CLUSTER > FILE); then accept it.',
  ),
  'uninstall-begun': acceptable(
    'A run has begun to uninstall the cluster and has not ended it: machines of it are wiped already, perhaps servers with their data',
    'Go on with it: slipway uninstall CLUSTER. To put the cluster together again from what is left, accept it: the plan shows what is made anew.',
  ),
} as const satisfies Record<string, FindingEntry>
