import { expect, it } from 'vitest'
import { addressAt, contains, format, parseAddress, parseRange } from './address.ts'

it('an address is read as Go reads it: no zone, and an IPv4 in IPv6 is an IPv4', () => {
  expect(parseAddress('10.0.0.1')).toEqual({ text: '10.0.0.1', family: 4, value: 0x0a000001n })
  expect(parseAddress('::ffff:10.0.0.1')).toMatchObject({ family: 4, value: 0x0a000001n })
  expect(parseAddress('fd00::1')).toMatchObject({ family: 6, value: (0xfdn << 120n) | 1n })
  expect(parseAddress('1:2:3:4:5:6:7:8')).toMatchObject({ value: 0x00010002000300040005000600070008n })
  for (const none of ['', '10.0.0', '010.0.0.1', 'fe80::1%eth0', ' 10.0.0.1', '10.0.0.1/8', 'host']) {
    expect(parseAddress(none)).toBeUndefined()
  }
})

it('a range has a prefix, and an address is in it or not', () => {
  const range = parseRange('10.43.7.7/16')
  expect(range).toMatchObject({ family: 4, prefix: 16, first: 0x0a2b0000n })
  for (const none of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', 'fd00::/129', '10.0.0.0/-1', '10.0.0.0/ 8']) {
    expect(parseRange(none)).toBeUndefined()
  }
  const inside = (text: string) => {
    const address = parseAddress(text)
    return range !== undefined && address !== undefined && contains(range, address)
  }
  expect(['10.43.0.10', '10.43.255.255', '10.44.0.0', 'fd00::1'].map(inside)).toEqual([true, true, false, false])
})

it('addresses of a range are shown in their shortest form', () => {
  const at = (text: string, place: number) => {
    const range = parseRange(text)
    return range === undefined ? undefined : addressAt(range, place)
  }
  expect(at('10.43.0.0/16', 1)).toBe('10.43.0.1')
  expect(at('fd00:43::/112', 10)).toBe('fd00:43::a')
  expect(at('::/64', 1)).toBe('::1')
  expect(format({ family: 6, value: 0x20010db8000000000001000000000001n })).toBe('2001:db8::1:0:0:1')
  expect(format({ family: 6, value: 0x20010db8000000000000000000000000n })).toBe('2001:db8::')
  expect(format({ family: 6, value: 0n })).toBe('::')
  expect(format({ family: 6, value: 0x00010002000300040005000600070008n })).toBe('1:2:3:4:5:6:7:8')
})
