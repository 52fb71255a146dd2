import { acceptable, error, type FindingEntry } from '../../../domain/findings/entry.ts'

/** What is found about the network that a cluster file describes, and about keys that go together or with a version. */
export const networkFindings = {
  'range-families': error(
    'cluster-cidr or service-cidr has more than one range of a family (IPv4, IPv6)',
    'Keep one range, or one of each family with a comma between them.',
  ),
  'range-families-differ': error(
    'Pods and services have ranges of different families, or in another order',
    'Give cluster-cidr and service-cidr the same families in the same order.',
  ),
  'ranges-overlap': error(
    'The ranges of pods and services share addresses',
    'Give them ranges that share no address, like 10.42.0.0/16 and 10.43.0.0/16.',
  ),
  'service-range-size': error(
    'A range is larger or smaller than Kubernetes takes for services',
    'Take a prefix within the limits that are named, like /16 for IPv4 and /112 for IPv6.',
  ),
  'pod-range-size': error(
    'The range of pods cannot be divided among the nodes: each gets a /24 of IPv4 or a /64 of IPv6',
    'Take a range like 10.42.0.0/16 or fd00:42::/56, or set node-cidr-mask-size-ipv4 or -ipv6 of the controller manager.',
  ),
  'pod-range-full': error(
    'The range of pods has no part left for some of the nodes',
    'Take a larger range; its size cannot be changed once the cluster runs.',
  ),
  'node-mask-argument': error(
    'The size of what a node gets of the range of pods is set by an argument that is not for these families',
    'Set node-cidr-mask-size-ipv4 and -ipv6 for the families that pods have, or node-cidr-mask-size alone where there is one.',
  ),
  'dns-outside': error(
    'The address of the DNS service is not within the range of services',
    'Take an address of that range, or leave cluster-dns out.',
  ),
  'dns-reserved': error(
    'The address of the DNS service is one that no service can have, or that of the Kubernetes API',
    'Take another address of that range, or leave cluster-dns out.',
  ),
  'address-in-range': acceptable(
    'The address of a machine lies within the range of pods or services, so that pods may not reach it',
    'Before the cluster is made, give pods and services ranges that no machine is in (cluster-cidr, service-cidr). They cannot be changed later: accept it where the cluster runs with it.',
  ),
  'node-family': error(
    'A node has no address of a family that pods have',
    'Give it one of each family (internal_ip: 10.0.0.11,fd00::11), or set ranges of the family that all nodes have.',
  ),
  'advertised-family': error(
    'A server would advertise its API at an address of another family than the one that services have first',
    'Write the address of that family first, or set advertise-address to it.',
  ),
  'address-family': error(
    'A node is to use an address of a family of which it has none',
    'Set it to an address of the node, or leave it out.',
  ),
  'address-of-nobody': error(
    'An address that others are to use is one that only the machine itself can reach',
    'Set it to an address of the server, or leave it out.',
  ),
  'node-ports-taken': acceptable(
    'Services could be given a port that RKE2 itself listens on',
    'Choose a range without it, like 30000-32767; or accept it, if no service is given such a port.',
  ),
  'lb-port-taken': error(
    'The port of the load balancer is one that something else listens on',
    'Leave lb-server-port out, or choose a free one.',
  ),
  'profile-unknown': error('The profile is unknown in this version of RKE2', 'Write profile: cis.'),
  'profile-protection': error(
    'The profile needs protect-kernel-defaults, and it is turned off',
    'Remove protect-kernel-defaults: the profile turns it on.',
  ),
  'external-ip-with-provider': error(
    'RKE2 refuses an external address together with a cloud provider, which is the one to tell it',
    'Remove external_ip or the cloud provider.',
  ),
  'provider-without-name': error(
    'RKE2 refuses the configuration of a cloud provider without its name',
    'Set cloud-provider-name as well, or remove cloud-provider-config.',
  ),
  'duplicate-taint': error(
    'A node would have two taints of one key and effect, for which its kubelet ends',
    'Keep one of each key and effect; what node-taint+ adds counts as well.',
  ),
} as const satisfies Record<string, FindingEntry>
