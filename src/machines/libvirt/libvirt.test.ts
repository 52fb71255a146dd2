import { expect, it } from 'vitest'
import { readMachineSpec } from '../spec.ts'
import { addressesIn } from './domains.ts'
import { explainLibvirt } from './words.ts'

const faultsOf = (given: object) => {
  const read = readMachineSpec({ provider: 'libvirt', image: 'debian-12.qcow2', ...given })
  return read.ok ? [] : read.faults.map(({ path, message }) => `${path}: ${message}`)
}

it('settings that would be quoted, read as options or contradict each other are refused', () => {
  expect(faultsOf({})).toEqual([])
  expect(faultsOf({ image: '/srv/images/debian 12.qcow2' })).toEqual([])
  expect(faultsOf({ libvirt: { uri: 'qemu+ssh://ops@host/system', autostart: 'false' } })).toEqual([])
  for (const image of [
    'images/debian.qcow2',
    'a b',
    String.raw`$\{file('/etc/shadow')}/x`,
    'ftp://host/image',
    '../x',
    "x'; list",
  ])
    expect([image, faultsOf({ image })]).toEqual([image, [`image: ${image} is no image of libvirt`]])
  expect(faultsOf({ libvirt: { pool: 'a; destroy b' } })[0]).toMatch(/^libvirt\.pool: a name has letters/)
  expect(faultsOf({ libvirt: { uri: '--help' } })[0]).toMatch(/^libvirt\.uri: not a connection/)
  expect(faultsOf({ libvirt: { network: 'lan', bridge: 'br0', address: '10.0.0.5' } })).toEqual([
    'libvirt.bridge: a machine has a network or a bridge, not both',
    'libvirt.address: the DHCP behind a bridge is not libvirt’s',
  ])
  expect(faultsOf({ image: undefined })).toEqual(['image: libvirt makes no machine without image'])
})

it('addresses are those of the domain’s own interfaces, IPv4 first, without what leads nowhere', () => {
  const told = ` Name       MAC address          Protocol     Address
-------------------------------------------------------------------------------
 vnet0      52:54:00:aa:bb:cc    ipv4         192.168.122.7/24

 Name       MAC address          Protocol     Address
-------------------------------------------------------------------------------
 lo         00:00:00:00:00:00    ipv4         127.0.0.1/8
 -          -                    ipv6         ::1/128
 eth0       52:54:00:AA:BB:CC    ipv6         2001:db8::7/64
 -          -                    ipv4         192.168.122.7/24
 -          -                    ipv6         fe80::5054:ff:feaa:bbcc/64
 cni0       52:54:00:00:00:01    ipv4         10.42.0.1/24
`
  expect(addressesIn(told, ['52:54:00:aa:bb:cc'])).toEqual(['192.168.122.7', '2001:db8::7'])
  expect(addressesIn('', ['52:54:00:aa:bb:cc'])).toEqual([])
})

it('words of the plugin get a meaning and what to do; others stand for themselves', () => {
  expect(
    explainLibvirt(
      "libvirt_volume.disk: when 'size' is specified, it shouldn't be smaller than the backing store specified with 'base_volume_id'",
    )?.message,
  ).toBe('its disk is smaller than the image that it begins as')
  expect(
    explainLibvirt('error while determining image type for /a.qcow2: open /a.qcow2: no such file or directory')
      ?.message,
  ).toBe('the image /a.qcow2 can’t be read: open /a.qcow2: no such file or directory')
  expect(explainLibvirt('something else')).toBeNull()
})
