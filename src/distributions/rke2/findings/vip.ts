import { acceptable, error, type FindingEntry } from '../../../domain/findings/entry.ts'

/** What is found about a virtual IP that Slipway puts on the servers. */
export const vipFindings = {
  'vip-endpoint': error(
    'vip and api_endpoint name different endpoints of the API',
    'Remove api_endpoint; a DNS name that leads to the VIP belongs into tls-san.',
  ),
  'vip-is-a-node': error(
    'The virtual IP is the address of a machine',
    'Take an address that no machine has: it moves from server to server.',
  ),
  'vip-family': error(
    'A server has no address of the family (IPv4, IPv6) of the virtual IP',
    'Take a VIP of the family that the servers have, or give them an address of its family as well.',
  ),
  'vip-not-served': error(
    'bind-address lets the API listen on one address alone, so that it would not answer at the virtual IP',
    'Leave bind-address out.',
  ),
  'vip-setting': error(
    'A key of vip belongs to the other provider',
    'Remove it: router_id goes with keepalived, image with kube-vip.',
  ),
  'vip-interface': error(
    'Nobody can say which interface of a server is to get the virtual IP, or the one that is named is not there',
    'Name the interface: vip.interface for all servers, vip_interface for one of them.',
  ),
  'vip-outside': acceptable(
    'The virtual IP is in no network of the interface that is to get it',
    'Take an address of the network that the servers are in, or name the right interface; or accept it, where your routers lead to it.',
  ),
  'vip-taken': error(
    'Somebody has the virtual IP already: a machine on the network answers for it, or a server has it from elsewhere',
    'Take an address that is free and that no DHCP server gives away, or take it from the machine that has it.',
  ),
  'vip-file-taken': error(
    'A static pod of kube-vip that is not Slipway’s lies on a server',
    'Remove its file, so that Slipway brings its own; or leave vip out and name the address in api_endpoint.',
  ),
  'keepalived-missing': error(
    'keepalived is not on a server, and its package manager cannot install it',
    'Install the package keepalived there, or give the package manager a source that has it; or take provider: kube-vip.',
  ),
} as const satisfies Record<string, FindingEntry>
