import { BlockList, isIP } from 'node:net'
import type { ValueFault } from './values/forms.ts'

/** Addresses and ranges of both families as numbers, so that they can be compared. */
export type Family = 4 | 6

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128)

export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

/** One spelling an address, so that `::1` and `0:0:0:0:0:0:0:1` are seen as the same. */
export function canonicalAddress(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

/** The host of a URL, without the brackets of an IPv6 address. @throws TypeError when it is no URL. */
export const hostOfUrl = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '')

/** An address as a number. @throws RangeError when the text is no address. */
export function addressNumber(address: string): bigint {
  if (isIP(address) === 0) throw new RangeError('not an address')
  if (familyOf(address) === 4) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n)
  const [head = '', tail] = canonicalAddress(address).split('::')
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : [])
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n)
}

export interface Range {
  readonly written: string
  readonly family: Family
  readonly prefix: number
  readonly first: bigint
  readonly last: bigint
}

/** A range with a prefix length, or null when the text is none. Bits behind the prefix count as not written. */
export function parseRange(written: string): Range | null {
  const [network = '', length = '', ...more] = written.split('/')
  if (isIP(network) === 0 || network.includes('%') || more.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(length))
    return null
  const family = familyOf(network)
  const host = bitsOf(family) - Number(length)
  if (host < 0) return null
  const first = (addressNumber(network) >> BigInt(host)) << BigInt(host)
  return { written, family, prefix: Number(length), first, last: first + (1n << BigInt(host)) - 1n }
}

export const overlap = (one: Range, other: Range): boolean =>
  one.family === other.family && one.first <= other.last && other.first <= one.last

export function holds(range: Range, address: string): boolean {
  const number = addressNumber(address)
  return familyOf(address) === range.family && range.first <= number && number <= range.last
}

export const parseRanges = (text: string): Range[] => text.split(',').flatMap(part => parseRange(part) ?? [])

const nobodys = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  'fe80::/10',
  'ff00::/8',
  '::ffff:0:0/96',
]

/** A range that pods or services can have. */
export function rangeFault(text: string): ValueFault | null {
  const range = parseRange(text)
  if (!range) return { message: 'not a range of addresses', remedy: 'Write it like 10.42.0.0/16 or fd00:42::/56.' }
  const special = nobodys.flatMap(one => parseRange(one) ?? []).find(one => overlap(one, range))
  if (special)
    return {
      message: `${special.written} is a range that nobody can be given addresses of (loopback, link-local, multicast or reserved)`,
      remedy: 'Take a private range, like 10.42.0.0/16 or fd00:42::/56.',
    }
  return null
}

/** One address, without prefix length. */
export function serviceAddressFault(text: string): ValueFault | null {
  return isIP(text) !== 0 && !text.includes('%')
    ? null
    : { message: 'not an IPv4 or IPv6 address', remedy: 'Write it like 10.43.0.10.' }
}

/** The address at a place of a range, counted from 0. */
export function addressAt(range: Range, place: number): string {
  const number = range.first + BigInt(place)
  if (range.family === 4) return [24n, 16n, 8n, 0n].map(shift => (number >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => ((number >> BigInt(112 - 16 * index)) & 0xffffn).toString(16))
  return canonicalAddress(groups.join(':'))
}

/** Whether an exception of NO_PROXY covers an address, as Go reads it: `*`, an address, or a range; never a name. */
export function covers(exception: string, address: string): boolean {
  if (exception === '*') return true
  const [network = '', bits, ...more] = exception.split('/')
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(network) === 0 || isIP(network) !== isIP(address) || more.length > 0) return false
  if (bits === undefined) return canonicalAddress(network) === canonicalAddress(address)
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > (family === 'ipv6' ? 128 : 32)) return false
  const range = new BlockList()
  range.addSubnet(network, Number(bits), family)
  return range.check(address, family)
}
