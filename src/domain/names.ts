import { BlockList, isIPv6 } from 'node:net'
import { z } from 'zod'
import { commaParts } from './values/commaParts.ts'
import { holdsPrivateKey } from './values/fileNames.ts'

/**
 * Names that travel into file names, host names, Ansible inventories and Kubernetes objects. The rules are
 * Kubernetes' own (RFC 1123), so that nothing that is accepted here has to be quoted anywhere.
 */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const subdomain = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

export const clusterName = z
  .string()
  .regex(
    label,
    'a name has lower-case letters, digits and hyphens, at most 63, and begins and ends with a letter or digit',
  )

/** A node's name in Kubernetes and its inventory name. Names that Ansible gives a meaning of its own are refused. */
export const hostname = z
  .string()
  .max(253)
  .regex(subdomain, 'a hostname has lower-case letters, digits, hyphens and dots only (RFC 1123)')
  .refine(name => !reservedInventoryNames.has(name), 'this name has a meaning of its own in Ansible')

const reservedInventoryNames = new Set(['all', 'ungrouped', 'localhost', 'masters', 'workers'])

/**
 * A login name, also one of a directory: jane.doe, user@corp.example, CORP\\jane. It travels into ssh_config, inventories
 * and arguments, so blanks, quotes and signs that a shell or ssh reads are not in it, and no hyphen begins it.
 */
export const loginName = z
  .string()
  .max(256)
  .regex(
    /^(?:[A-Za-z0-9][A-Za-z0-9.-]{0,62}\\)?[A-Za-z0-9_][A-Za-z0-9_.+-]*(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)?\$?$/,
    'a login name has letters, digits and the signs . _ + - (also as user@corp.example or CORP\\user), no blanks, and begins with a letter or digit',
  )

/** An IPv4 or IPv6 address, without zone or prefix length. */
export const ipAddress = z.union([z.ipv4(), z.ipv6()], { error: 'not an IPv4 or IPv6 address' })

/** Nobody's: unspecified, multicast, reserved and broadcast. */
const noMachine = new BlockList()
noMachine.addSubnet('0.0.0.0', 8, 'ipv4')
noMachine.addSubnet('224.0.0.0', 3, 'ipv4')
noMachine.addAddress('::', 'ipv6')
noMachine.addSubnet('ff00::', 8, 'ipv6')
const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
/** An IPv6 address is in it when it is IPv4-mapped. */
const everyIpv4 = new BlockList()
everyIpv4.addSubnet('0.0.0.0', 0, 'ipv4')
const holds = (list: BlockList, address: string): boolean => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

/** An address at which one machine can be reached from here; the loopback may lead there, through a tunnel. */
export const machineAddress = ipAddress
  .refine(address => !holds(noMachine, address), 'not the address of a machine')
  // Two spellings of one address would be two nodes.
  .refine(address => !isIPv6(address) || !holds(everyIpv4, address), 'an IPv4 address is written as such: 10.0.0.1')

const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')

/** An address at which the nodes reach each other. A kubelet takes no other one for its own. */
export const nodeAddress = machineAddress
  .refine(address => !holds(loopback, address), 'other nodes cannot reach a loopback address')
  .refine(
    address => !holds(linkLocal, address),
    'a link-local address (169.254.0.0/16, fe80::/10) holds on one link only, and the kubelet refuses it',
  )

/**
 * One address, or one of each family: with a comma between them, or as a list. Kept with a comma, as RKE2 takes it; the
 * first is the one that the machine is reached at.
 * @param instead what may stand there in place of addresses.
 */
export function addressesSchema(address: z.ZodType<string, string>, instead: (text: string) => boolean = () => false) {
  const several = z.union([z.string(), z.array(z.string())]).superRefine((given, context) => {
    if (typeof given === 'string' && instead(given)) return
    const found = commaParts([given].flat().join(','))
    const fault = found.flatMap(one => address.safeParse(one).error?.issues[0]?.message ?? [])[0]
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
    else if (found.length === 0) context.addIssue({ code: 'custom', message: 'not an IPv4 or IPv6 address' })
    else if (found.length > 2 || new Set(found.map(isIPv6)).size !== found.length)
      context.addIssue({
        code: 'custom',
        message: 'a node has one address, or one of each family',
        params: { remedy: 'Write it like 10.0.0.11 or 10.0.0.11,fd00::11.' },
      })
  })
  return z.codec(several, z.string(), {
    decode: given => commaParts([given].flat().join(',')).join(','),
    encode: text => text,
  })
}

/** Free text that reaches a configuration file: no control characters, no template markers (facts: Jinja renders vars again). */
export const plainText = z
  .string()
  .refine(text => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'control characters and line breaks are not allowed')
  .refine(text => !/\{\{|\{%|\{#/.test(text), 'template markers ({{, {%, {#) are not allowed')

/** A file on the machine of whoever writes the cluster file, relative to it. */
export const filePath = z
  .string()
  .min(1)
  .max(4096)
  .refine(text => !/[\p{Cc}]/u.test(text), 'control characters are not allowed')
  .refine(text => !holdsPrivateKey(text), 'the name of a file is needed, not what is in it')
