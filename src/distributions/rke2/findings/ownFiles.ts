import { error, type FindingEntry } from '../../../domain/findings/entry.ts'

/** What is found about files of the user's own that RKE2 reads on the machines. */
export const ownFileFindings = {
  'manifest-invalid': error(
    'A file with objects of Kubernetes is none that RKE2 could apply',
    'Each document is one object in YAML, with apiVersion, kind and metadata.name. A template of Helm has to be rendered before.',
  ),
  'manifest-name': error(
    'The name of a manifest is one that RKE2 cannot use, has itself, or has disabled',
    'Call the file otherwise: lower-case letters, digits and hyphens up to the first dot, and no name that begins with rke2- but for a HelmChartConfig.',
  ),
  'manifest-twice': error(
    'Two manifests have the same name up to their first dot, and would be one AddOn to RKE2',
    'Keep one of them, or call one otherwise before its first dot.',
  ),
  'manifest-taken': error(
    'On a server lies a manifest of somebody else’s with the name of one that is to be brought there',
    'On the servers: remove the file that is named (its objects stay), or call your own file otherwise.',
  ),
  'own-file-kind': error(
    'A file is not of the kind that RKE2 reads at its place',
    'Name the right file; the finding says how one of that kind begins.',
  ),
  'file-named-twice': error(
    'The cluster file brings a file, and a key of config.yaml names another one in its place',
    'Keep one of the two.',
  ),
  'file-too-new': error(
    'The version of RKE2 does not read a file of this kind yet',
    'Write the settings as arguments, or take a newer version.',
  ),
  'file-not-there': error(
    'A key of config.yaml names a file that is not on the machine: RKE2 would not start, or go by a file of its own making',
    'Put the file there, or let the cluster file bring it: spec.files.',
  ),
} as const satisfies Record<string, FindingEntry>
