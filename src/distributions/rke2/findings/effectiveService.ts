import { acceptable, error, type FindingEntry } from '../../../domain/findings/entry.ts'

/** What a host would really run, beside or in the place of what Slipway writes. */
export const effectiveServiceFindings = {
  'service-masked': error(
    'The service of RKE2 is masked on the machine: it cannot be started',
    'On the host: systemctl unmask UNIT, with --runtime where the message says so.',
  ),
  'service-overridden': error(
    'A unit file or drop-in on the machine changes what the service runs, or empties Slipway’s guard',
    'On the host: remove the file that is named, then systemctl daemon-reload.',
  ),
  'service-redirected': error(
    'A variable of the service leads RKE2 past what Slipway writes: to another configuration, server or token',
    'On the host: remove the variable from the file that is named, then systemctl daemon-reload.',
  ),
  'config-overridden': error(
    'A file of config.yaml.d sets what Slipway decides: the server to join, tokens, names, ranges',
    'On the host: remove the keys that are named; what may be set belongs into cluster_vars or node_vars.',
  ),
  'config-unusable': error(
    'What lies where RKE2 reads a configuration file is none: a folder, a pipe, a link to nowhere, a file beyond all measure',
    'On the host: put a file there, or move what is named away.',
  ),
  'foreign-settings': acceptable(
    'Files on the machine change the service in ways that Slipway did not write and cannot judge',
    'Remove them, write them in the cluster file, or accept it.',
  ),
} as const satisfies Record<string, FindingEntry>
