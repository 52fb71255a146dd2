import { expect, it } from 'vitest'
import { snapshotLines } from './snapshotLines.ts'

const folder = '/var/lib/rancher/rke2/server/db/snapshots'
const seen = { hostname: 'm2', folder, folder_state: 'present' as const, newest: null, count: 0, error: null }
const report = { off: false, newest: null, servers: [seen], warnings: [] }
const newest = (age_s: number) => ({
  name: 'etcd-snapshot-m2-1',
  size: 4096,
  taken: '2026-11-28T12:00:05Z',
  age_s,
  hostname: 'm2',
  folder,
})

it.each([
  [0, 'just now'],
  [59, 'just now'],
  [60, '1 min ago'],
  [7199, '119 min ago'],
  [3 * 3600 + 5, '3 h ago'],
  [48 * 3600, '2 d ago'],
])('a snapshot of %i s ago was taken %s', (age, told) => {
  expect(snapshotLines({ ...report, newest: newest(age) })).toEqual([
    `last snapshot   2026-11-28T12:00:05Z on m2 (${told}), ${folder}`,
  ])
})

it('none, not known and switched off are three things', () => {
  const unseen = { ...seen, hostname: 'm1', folder_state: null }
  expect(snapshotLines(report)).toEqual(['last snapshot   none'])
  expect(snapshotLines({ ...report, servers: [seen, unseen] })).toEqual(['last snapshot   not known'])
  expect(snapshotLines({ ...report, servers: [{ ...seen, folder_state: 'unreadable' }] })).toEqual([
    'last snapshot   not known',
  ])
  expect(snapshotLines({ ...report, off: true })).toEqual(['last snapshot   switched off (etcd-disable-snapshots)'])
  expect(snapshotLines({ ...report, off: true, newest: newest(0) })[0]).toMatch(/on m2 .*; switched off/)
})

it('nothing is said of a cluster without an installed server', () => {
  expect(snapshotLines({ ...report, servers: [] })).toEqual([])
})
