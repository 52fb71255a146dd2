import { acceptable, error, type FindingEntry } from './entry.ts'

/** What is found where a wish is compared with what is on record, and of requests. */
export const recordFindings = {
  'member-not-named': error(
    'A node is a member of the cluster, and the cluster file no longer names it',
    'Put it back into the file, or take it out of the cluster: slipway apply with --remove NODE, or slipway scale remove.',
  ),
  'unfinished-not-named': acceptable(
    'The installation of a node was begun and never finished, and the cluster file no longer names it',
    'If it will not come back, accept it, and it is taken off the record; else put it back into the file.',
  ),
  'address-taken': error(
    'The address of a node is that of a node of another cluster',
    'Give the node another address; or take the other one out of its cluster (slipway scale remove), or uninstall that cluster (slipway uninstall).',
  ),
  'bad-request': error(
    'A request to the HTTP API does not fit its description',
    'Write it as /api/v1/openapi.json describes it.',
  ),
} as const satisfies Record<string, FindingEntry>
