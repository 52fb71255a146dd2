import { acceptable, error, type FindingEntry, note } from './entry.ts'

/** What is found in a cluster file itself: its text, its form, its values, and its rules over all nodes. */
export const clusterFileFindings = {
  'empty-file': error('The cluster file is empty', 'Begin with `slipway init`, which writes a commented file.'),
  'no-cluster-file': error(
    'The file is something else than a cluster file, such as a private key or the configuration of RKE2 itself',
    'Name the cluster file, or begin one with `slipway init`, which writes a commented file.',
  ),
  'wrong-encoding': error(
    'The cluster file is not UTF-8 text',
    'Save it as UTF-8 (most editors have "Save with encoding"), or convert it: iconv -t UTF-8.',
  ),
  'nul-byte': error('The cluster file holds a NUL byte', 'Name the right file: a cluster file is text.'),
  'file-too-large': error(
    'The cluster file is larger than any cluster file needs to be',
    'Name the right file: one for 1,000 nodes has about 100,000 bytes.',
  ),
  'yaml-syntax': error(
    'The file is not well-formed YAML at this place',
    'Look at the indentation, quotes and colons of the line that is named and of the one above it.',
  ),
  'yaml-directive': error('The file has a YAML directive (a line that begins with %)', 'Remove the line.'),
  'several-documents': error('A second document begins in the file', 'Write one cluster to a file.'),
  'too-deep': error('The file is nested deeper than a cluster file needs', 'Lay it out as `slipway init` does.'),
  'too-many-values': error(
    'The file has more values than any cluster file needs',
    'Write the values out where aliases multiply them, or name the right file.',
  ),
  'yaml-tag': error(
    'A YAML tag (a word that begins with !) stands before a value',
    'Remove the tag; write a value that begins with ! in single quotes.',
  ),
  'yaml-alias': error(
    'A YAML alias cannot be followed',
    'Write the value out instead of the alias; write a value that begins with * in single quotes.',
  ),
  'yaml-merge': error('A YAML merge key (<<) is not used here', 'Write the keys out instead.'),
  'yaml-key': error('A key of a map is not text', 'Put quotes around the key.'),
  'duplicate-key': error('A key is written twice in one map', 'Keep the one that is meant, and remove the other.'),
  'reserved-key': error('A key has a name that no setting has', 'Remove the key.'),
  'control-character': error(
    'A key or value holds a control character, as copying from a terminal brings along',
    'Remove it, or type the value anew.',
  ),
  'missing-key': error('A key that is needed is missing', 'Add it at the place that is named; docs/cluster-yaml.md.'),
  'unknown-key': error(
    'A key is not known at this place',
    'Write the key that was meant, or remove it. Keys of RKE2 that Slipway does not know go under `extra`.',
  ),
  'bad-key': error('A key of a map does not have the form that is needed', 'Write it in the form that is named.'),
  'wrong-type': error(
    'A value is of another kind than the one that is needed, for instance a number instead of a text',
    'Write it in the form that is named; docs/cluster-yaml.md shows every field.',
  ),
  'unknown-value': error('A value is none of those that are allowed', 'Choose one of the values that are listed.'),
  'out-of-range': error('A number or length is outside of its limits', 'Choose one within the limits that are named.'),
  'bad-value': error(
    'A value does not have the form that is needed, or RKE2 would refuse it',
    'Write it in the form that is named; docs/cluster-yaml.md shows every field.',
  ),
  'more-findings': error('More was found than is listed', 'Fix what is listed first, and check the file again.'),
  'no-initial-master': error(
    'No node has the role initial_master, so nobody would make the cluster',
    'Give exactly one server the role initial_master.',
  ),
  'two-initial-masters': error(
    'Two nodes have the role initial_master; each would make a cluster of its own',
    'Keep it on one, and give the other servers the role master.',
  ),
  'duplicate-hostname': error('Two nodes have the same hostname', 'Give every node a hostname of its own.'),
  'duplicate-address': error('Two nodes have the same address', 'Give every node an address of its own.'),
  'two-sources': error(
    'Two sources of releases are named: artifact_url and artifact_path',
    'Keep the one that is meant.',
  ),
  'relative-path': error(
    'A path in the file is relative, and it is not known to which folder',
    'Write an absolute path; a program that uses the API can send `folder` instead.',
  ),
  'even-servers': acceptable(
    'The number of servers is even: it survives no more failures than one server fewer would, since etcd needs a majority',
    'Use an odd number of servers, or accept it.',
  ),
  'no-proxy-incomplete': acceptable(
    'no_proxy does not cover every server, so nodes would reach some of them through the proxy',
    'Add the addresses that are named, or their range, to no_proxy; or accept it.',
  ),
  'accepts-nothing': note(
    'A word of --accept, as one that was typed wrong, is the name of nothing that can be accepted',
    'Write the name as it stands in brackets behind the warning, or leave it out.',
  ),
} as const satisfies Record<string, FindingEntry>
