import { bitsOf, format, parseAddress, parseRange } from './address.ts'

/**
 * The part of the pods' range that a node gives addresses from: the one at the place of its own address's last part.
 * `10.42.0.0/16` and `10.0.0.11` → `10.42.11.0/24`.
 */
export function podRange(ranges: string, nodeIp: string): string {
  const range = parseRange(ranges.split(',')[0] ?? '')
  const own = parseAddress(nodeIp)
  if (range === undefined || own === undefined) throw new Error(`not a range and an address: ${ranges}, ${nodeIp}`)
  const mask = Math.max(range.prefix, range.family === 4 ? 24 : 64)
  const place = own.value % 2n ** BigInt(Math.min(8, mask - range.prefix))
  const value = range.first + (place << BigInt(bitsOf(range.family) - mask))
  return `${format({ family: range.family, value })}/${mask}`
}
