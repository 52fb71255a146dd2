import { acceptable, error, type FindingEntry } from './entry.ts'

/** What is found where a wish is compared with what is on record, and of requests. */
export const recordFindings = {
  'member-not-named': error(
    'A node is a member of the cluster, and the cluster file no longer names it',
    'Put it back into the file, or take it out of the cluster: slipway apply with --remove NODE, or slipway scale remove.',
  ),
  'unfinished-not-named': acceptable(
    'A node never became a member, something may have been brought to its machine, and the cluster file no longer names it',
    'Let it be cleaned and taken off the record: slipway apply with --remove NODE, or slipway scale remove. Or put it back into the file. Where its machine is not to be touched, accept it, and it goes off the record as it is.',
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
