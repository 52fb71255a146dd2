import { expect, it } from 'vitest'
import type { ServerSnapshots } from '../../domain/snapshots.ts'
import { judgeSnapshots, type JudgedServer, type SnapshotSettings } from './snapshotJudgement.ts'
import { snapshotSettings } from './snapshots.ts'

const usual = snapshotSettings({}, {})
const hour = 3600
const snapshot = (age_s: number) => ({ name: `etcd-${age_s}`, size: 4096, taken: '2026-11-28T12:00:05Z', age_s })
const error = { code: 'host-unreachable' as const, message: 'it is off', remedy: 'Switch it on.' }

function server(
  hostname: string,
  age: number | null,
  settings: Partial<SnapshotSettings> = {},
  seen: Partial<ServerSnapshots> = {},
): JudgedServer {
  const own = { ...usual, ...settings }
  const newest = age === null ? null : snapshot(age)
  const folder_state = newest ? 'present' : 'missing'
  const count = newest ? 1 : 0
  return { settings: own, seen: { hostname, folder: own.folder, folder_state, newest, count, error: null, ...seen } }
}
const dead = (hostname: string) => server(hostname, null, {}, { folder_state: null, error })
const names = (...servers: JudgedServer[]) =>
  judgeSnapshots(servers).warnings.map(({ name, about }) => `${name} ${about}`)

it('none at all is warned of, with what was scheduled and where to', () => {
  const empty = server('m2', null, {}, { folder_state: 'present' })
  const { newest, warnings } = judgeSnapshots([server('m1', null), empty, server('m3', null)])
  expect(newest).toBe(null)
  expect(warnings).toEqual([
    {
      name: 'no-snapshot',
      severity: 'warning',
      about: 'etcd',
      message: 'no snapshot of etcd has been taken on m1, m2, m3',
      remedy:
        'Scheduled: 0 */12 * * *, into /var/lib/rancher/rke2/server/db/snapshots. If that time has passed since the installation, check both (etcd-snapshot-schedule-cron, etcd-snapshot-dir); take one at once with rke2 etcd-snapshot save, as root on a server.',
    },
  ])
})

it('one server’s snapshot is enough, and the youngest of all is told', () => {
  const { newest, warnings } = judgeSnapshots([server('m1', null), server('m2', 3 * hour), server('m3', hour)])
  expect(newest).toEqual({ ...snapshot(hour), hostname: 'm3', folder: usual.folder })
  expect(warnings).toEqual([])
})

it('a server that is dead hides no other, and nothing is said to be missing that it may have', () => {
  expect(names(dead('m1'), server('m2', hour))).toEqual(['host-unreachable node m1'])
  expect(names(dead('m1'), server('m2', null))).toEqual(['host-unreachable node m1'])
  expect(names(dead('m1'), server('m2', 1000 * hour))).toEqual(['host-unreachable node m1'])
  expect(judgeSnapshots([dead('m1'), server('m2', hour)]).newest?.hostname).toBe('m2')
})

it('what is switched off is missed nowhere', () => {
  expect(names(server('m1', null, { off: true }))).toEqual([])
  expect(names(server('m1', 1000 * hour, { off: true }))).toEqual([])
  expect(names(server('m1', null, { off: true }), server('m2', null))).toEqual(['no-snapshot etcd'])
})

it.each([
  ['0 */12 * * *', 24, []],
  ['0 */12 * * *', 25, ['snapshot-old etcd']],
  ['@every 30m', 2, ['snapshot-old etcd']],
  ['0 3 * * 0', 13 * 24, []],
  ['0 3 * * 0', 15 * 24, ['snapshot-old etcd']],
  ['0 3 30 2 *', 1000, []],
])('by the schedule %s, one of %i h ago: %j', (schedule, hours, expected) => {
  expect(names(server('m1', hours * hour, { schedule }))).toEqual(expected)
})

it('a folder of the operator’s own that is gone is warned of on its server; RKE2 makes the usual one', () => {
  const own = { folder: '/backup/etcd', made_by_rke2: false }
  expect(names(server('m1', hour, own), server('m2', null, own))).toEqual(['snapshot-folder node m2'])
  expect(names(server('m1', null, own))).toEqual(['no-snapshot etcd', 'snapshot-folder node m1'])
  expect(names(server('m1', null, { ...own, off: true }))).toEqual([])
})

it('a folder that cannot be read may hold snapshots: it is told, and none is said to be missing', () => {
  expect(names(server('m1', null, {}, { folder_state: 'unreadable' }))).toEqual(['snapshot-folder node m1'])
})

it('the settings are those of the cluster file, a node’s own before the cluster’s', () => {
  const cluster_vars = { 'data-dir': '/data/rke2', 'etcd-snapshot-schedule-cron': '@daily' }
  expect(usual).toEqual({
    off: false,
    schedule: '0 */12 * * *',
    folder: '/var/lib/rancher/rke2/server/db/snapshots',
    made_by_rke2: true,
  })
  expect(snapshotSettings({ cluster_vars }, {})).toEqual({
    off: false,
    schedule: '@daily',
    folder: '/data/rke2/server/db/snapshots',
    made_by_rke2: true,
  })
  const node_vars = { 'etcd-snapshot-dir': '/backup', 'etcd-disable-snapshots': true }
  expect(snapshotSettings({ cluster_vars }, { node_vars })).toEqual({
    off: true,
    schedule: '@daily',
    folder: '/backup',
    made_by_rke2: false,
  })
})
