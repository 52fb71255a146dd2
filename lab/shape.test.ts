import { expect, it } from 'vitest'
import type { LabRecord } from './record.ts'
import { extended, wantedHosts } from './shape.ts'

const lab = (pods: string | null): LabRecord => ({
  format: 1,
  name: 'mine',
  id: '0123ab',
  network: '10.200.1',
  network6: null,
  phase: 'up',
  checkout: '/here',
  owner: null,
  rootfs: '/rootfs',
  kubernetes: null,
  releases: null,
  versions: [],
  pods,
  hosts: wantedHosts({ name: 'mine' }),
})

it('a lab of hosts without real pods can not be completed with some that have them', () => {
  expect(() => extended(lab(null), { name: 'mine', hosts: 2, pods: true })).toThrow('lab mine exists without real pods')
})

it('a lab with real pods is completed with more of its kind, whether that is said again or not', () => {
  for (const pods of [true, false]) {
    const more = extended(lab('/pods'), { name: 'mine', hosts: 2, pods })
    expect([more.pods, more.hosts.map(host => host.name)]).toEqual(['/pods', ['h1', 'h2']])
  }
})

it('a lab is completed beside the machines that were added to it, unless one has the place', () => {
  const guest = (name: string, number: number) => ({
    ...wantedHosts({ name: 'mine', hosts: [name] })[0]!,
    number,
    guest: true,
  })
  const withGuest = { ...lab(null), hosts: [...lab(null).hosts, guest('m1', 114)] }
  expect(extended(withGuest, { name: 'mine', hosts: 2 }).hosts.map(host => host.name)).toEqual(['h1', 'm1', 'h2'])
  const inTheWay = { ...lab(null), hosts: [...lab(null).hosts, guest('m1', 1)] }
  expect(() => extended(inTheWay, { name: 'mine', hosts: 2 })).toThrow('the name or the address of h2')
})
