import { acceptable, type FindingEntry } from './entry.ts'

/** What is found where a whole cluster is to be uninstalled, or was begun to be. */
export const uninstallFindings = {
  'data-loss': acceptable(
    'The cluster is to be uninstalled, and all of its data goes with it; what becomes of its newest snapshot is told',
    'Copy what is needed away first, a snapshot with the token of its server, or leave the snapshots there with --keep-snapshots; then accept it.',
  ),
  'left-alone': acceptable(
    'A machine that is on record is no machine of this cluster any more, or nothing on it proves that it is: it is not touched',
    'Accept it, and the machine is left as it is; or uninstall it there by hand, as root: rke2-uninstall.sh; rm -r /var/lib/slipway.',
  ),
  'uninstall-begun': acceptable(
    'A run has begun to uninstall the cluster and has not ended it: machines of it are wiped already, perhaps servers with their data',
    'Go on with it: slipway uninstall CLUSTER. To put the cluster together again from what is left, accept it: the plan shows what is made anew.',
  ),
} as const satisfies Record<string, FindingEntry>
