import { isIP } from 'node:net'

// Addresses and ranges as Go's `net` package reads them, which decides what RKE2 and Kubernetes take.

export type Family = 4 | 6

export interface Address {
  text: string
  family: Family
  /** The address as one number of 32 or 128 bits. */
  value: bigint
}

export interface Range {
  text: string
  family: Family
  /** Length of the prefix in bits. */
  prefix: number
  /** The first address; bits beyond the prefix are zero, whatever was written. */
  first: bigint
}

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128)

/** Reads an address. Undefined where it is none; a zone (`fe80::1%eth0`) is none, an IPv4 in IPv6 is an IPv4. */
export function parseAddress(text: string): Address | undefined {
  const form = isIP(text)
  if (form === 0 || text.includes('%')) return undefined
  if (form === 4) return { text, family: 4, value: valueOfIPv4(text) }
  const value = valueOfIPv6(text)
  return value >> 32n === 0xffffn ? { text, family: 4, value: value & 0xffff_ffffn } : { text, family: 6, value }
}

function valueOfIPv4(text: string): bigint {
  return text.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n)
}

function valueOfIPv6(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const tail =
    dotted === null
      ? ''
      : valueOfIPv4(dotted[2] ?? '')
          .toString(16)
          .padStart(8, '0')
  const written = dotted === null ? text : `${dotted[1]}${tail.slice(0, 4)}:${tail.slice(4)}`
  const [before = '', after] = written.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const head = groups(before)
  const rest = after === undefined ? [] : groups(after)
  const zeros = Array.from({ length: 8 - head.length - rest.length }, () => '0')
  return [...head, ...(after === undefined ? [] : zeros), ...rest].reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  )
}

/** Reads `address/prefix`. Undefined where it is none. */
export function parseRange(text: string): Range | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const length = text.slice(slash + 1)
  const address = parseAddress(text.slice(0, slash))
  if (address === undefined || !/^\d{1,8}$/.test(length)) return undefined
  const bits = bitsOf(address.family)
  const prefix = Number(length)
  if (prefix > bits) return undefined
  const rest = BigInt(bits - prefix)
  return { text, family: address.family, prefix, first: (address.value >> rest) << rest }
}

export function contains(range: Range, address: Address): boolean {
  const rest = BigInt(bitsOf(range.family) - range.prefix)
  return range.family === address.family && address.value >> rest === range.first >> rest
}

/** The address at a place of a range: 1 is that of the service `kubernetes`, 10 that of the cluster's name server. */
export function addressAt(range: Range, place: number): string {
  return format({ family: range.family, value: range.first + BigInt(place) })
}

/** An address in its shortest form. */
export function format({ family, value }: Pick<Address, 'family' | 'value'>): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, place) => ((value >> BigInt(16 * (7 - place))) & 0xffffn).toString(16))
  const runs = [...groups.join(':').matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)].map(match => match[0])
  const longest = runs.toSorted((one, other) => other.length - one.length)[0]
  const text = groups.join(':')
  if (longest === undefined) return text
  const start = new RegExp(`(?:^|(?<=:))${longest}(?=:|$)`).exec(text)?.index ?? 0
  return `${text.slice(0, start).replace(/:$/, '')}::${text.slice(start + longest.length).replace(/^:/, '')}`
}

/** An address as it stands in a URL: IPv6 in brackets. */
export const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/** The host of a URL as an address or name, without those brackets. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '')

/** Both families at once, as Kubernetes' own test says it: at least one of each. */
export function isDual(parts: readonly { family: Family }[]): boolean {
  return parts.some(({ family }) => family === 4) && parts.some(({ family }) => family === 6)
}

/** What a kubelet refuses as its own address, whatever the host has. */
export function unusableAsNode({ family, value }: Address): string | undefined {
  const [loopback, multicast, linkLocal] =
    family === 4
      ? [value >> 24n === 127n, value >> 28n === 0xen, value >> 16n === 0xa9fen]
      : [value === 1n, value >> 120n === 0xffn, value >> 118n === 0x3fan]
  if (loopback) return "nodeIP can't be loopback address"
  if (multicast) return "nodeIP can't be a multicast address"
  if (linkLocal) return "nodeIP can't be a link-local unicast address"
  if (value === 0n) return "nodeIP can't be an all zeros address"
  return undefined
}
