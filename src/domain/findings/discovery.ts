import { type FindingEntry, note } from './entry.ts'

/** What is found where a cluster that others have made is put on record. */
export const discoveryFindings = {
  'node-name-unusable': note(
    'A Node of a discovered cluster has a name that no node can have on record; it is left out',
    'Slipway leaves it alone. Register it under another name (node-name) if it is to be on record.',
  ),
  'node-without-address': note(
    'A Node of a discovered cluster tells no address at which it could be reached; it is left out',
    'Look at status.addresses of the Node: its kubelet, or the controller of the cloud, sets them.',
  ),
  'server-without-etcd': note(
    'A server of a discovered cluster holds no member of etcd, unlike the others',
    'Leave what concerns this machine to its own tools: Slipway would wait in vain for it to vote.',
  ),
  'machine-not-read': note(
    'The configuration of a machine of a discovered cluster could not be read, so what it says is not in the desired state',
    'Do what is named for the machine, then discover again.',
  ),
  'setting-not-said': note(
    'The configuration of a machine of a discovered cluster says something that no cluster file can say',
    'It stays there as long as nothing else of this configuration is changed; what is written anew is without it.',
  ),
  'registries-not-said': note(
    'Machines of a discovered cluster have a registries.yaml, which is not read since it may hold logins',
    'Write it in spec.registries before nodes are added, if they need it as well.',
  ),
} as const satisfies Record<string, FindingEntry>
