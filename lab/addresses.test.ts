import { expect, test } from 'vitest'
import { idOf, linksOf, mostHosts, network6Of, networkCandidates } from './addresses.ts'
import type { HostRecord } from './record.ts'

const lab = { id: '0a1b2c', network: '10.200.7', network6: network6Of('0a0002') }
const host = (place: HostRecord['place'], number: number): HostRecord => {
  return { name: `h${number}`, number, place, island: null, kbit: null, delay: null, guest: false }
}

const hasNoDoubles = (values: string[]): boolean => new Set(values).size === values.length

test('candidates for a network are many, different, and start with another one for another lab', () => {
  const candidates = [...networkCandidates(idOf('/some/lab'))]
  expect(new Set(candidates).size).toBe(256)
  expect(candidates.every(network => /^10\.2[0-4]\d\.\d{1,3}$/.test(network))).toBe(true)
  expect(candidates[0]).not.toBe([...networkCandidates(idOf('/another/lab'))][0])
})

test.each([
  [false, [...Array(mostHosts(false)).keys()].map(number => host('outside', number))],
  [true, [host('jump', 0), ...[...Array(mostHosts(true)).keys()].map(number => host('inside', number))]],
])('the largest lab (behind a jump host: %s) has no address, interface or MAC twice', (_, hosts) => {
  const links = hosts.flatMap(each => linksOf(lab, each))
  expect(hasNoDoubles(links.map(link => link.address.split('/')[0] ?? ''))).toBe(true)
  expect(hasNoDoubles(links.map(link => link.outer))).toBe(true)
  expect(hasNoDoubles(links.map(link => link.mac))).toBe(true)
  expect(links.every(link => Number(link.address.split(/[./]/)[3]) < 255)).toBe(true)
})

test('interface names fit in the 15 characters that the kernel has for them', () => {
  const onIsland = { ...host('jump', 0), island: 999 }
  for (const link of [...linksOf(lab, host('inside', 119)), ...linksOf(lab, onIsland)]) {
    expect(link.outer.length).toBeLessThanOrEqual(15)
    expect(link.bridge.length).toBeLessThanOrEqual(15)
  }
})

test('IPv6 addresses are written as the kernel writes them', () => {
  expect(linksOf(lab, host('outside', 0))[0]?.address6).toBe('fd0a:1002::b/64')
})
