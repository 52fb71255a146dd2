import type { Finding } from '../../domain/errors.ts'
import type { NewestSnapshot, ServerSnapshots } from '../../domain/snapshots.ts'
import { cronInterval } from './spec/values/cronInterval.ts'

/** What a server's configuration says about snapshots. */
export interface SnapshotSettings {
  /** `etcd-disable-snapshots` */
  readonly off: boolean
  /** `etcd-snapshot-schedule-cron`, or RKE2's own. */
  readonly schedule: string
  readonly folder: string
  /** Whether the folder is the one that RKE2 makes at the first snapshot; another one it never makes. */
  readonly made_by_rke2: boolean
}

export interface JudgedServer {
  readonly settings: SnapshotSettings
  readonly seen: ServerSnapshots
}

export interface SnapshotJudgement {
  readonly newest: NewestSnapshot | null
  readonly warnings: readonly Finding[]
}

const takeOne = 'take one at once with rke2 etcd-snapshot save, as root on a server'

/**
 * The newest snapshot of all servers, and what is wrong. Any server's snapshot restores the whole cluster, so one of
 * them is enough; a server that was not seen may have it, so that nothing is said to be missing then.
 */
export function judgeSnapshots(servers: readonly JudgedServer[]): SnapshotJudgement {
  const newest = newestOf(servers)
  const scheduled = servers.filter(({ settings }) => !settings.off)
  return {
    newest,
    warnings: [
      ...(newest === null ? noSnapshot(scheduled, servers) : oldSnapshot(scheduled, servers, newest)),
      ...scheduled.flatMap(folderFault),
      ...servers.flatMap(({ seen }) => notSeen(seen)),
    ],
  }
}

function newestOf(servers: readonly JudgedServer[]): NewestSnapshot | null {
  const all = servers.flatMap(({ seen: { hostname, folder, newest } }) =>
    newest === null ? [] : [{ ...newest, hostname, folder }],
  )
  return all.reduce<NewestSnapshot | null>(
    (youngest, one) => (youngest !== null && youngest.age_s <= one.age_s ? youngest : one),
    null,
  )
}

function noSnapshot(scheduled: readonly JudgedServer[], all: readonly JudgedServer[]): Finding[] {
  const unknown = all.some(({ seen }) => seen.folder_state === null || seen.folder_state === 'unreadable')
  if (scheduled.length === 0 || unknown) return []
  const hosts = scheduled.map(({ seen }) => seen.hostname)
  return [
    {
      name: 'no-snapshot',
      severity: 'warning',
      about: 'etcd',
      message: `no snapshot of etcd has been taken on ${hosts.join(', ')}`,
      remedy: `Scheduled: ${listed(scheduled, ({ schedule }) => schedule)}, into ${listed(scheduled, ({ folder }) => folder)}. If that time has passed since the installation, check both (etcd-snapshot-schedule-cron, etcd-snapshot-dir); ${takeOne}.`,
    },
  ]
}

function oldSnapshot(
  scheduled: readonly JudgedServer[],
  all: readonly JudgedServer[],
  newest: NewestSnapshot,
): Finding[] {
  if (all.some(({ seen }) => seen.folder_state === null)) return []
  const intervals = scheduled.flatMap(({ settings }) => cronInterval(settings.schedule) ?? [])
  const interval = Math.min(...intervals)
  if (intervals.length === 0 || newest.age_s * 1000 <= 2 * interval) return []
  return [
    {
      name: 'snapshot-old',
      severity: 'warning',
      about: 'etcd',
      message: `the newest snapshot of etcd is of ${newest.taken}, and the schedule (${listed(scheduled, ({ schedule }) => schedule)}) has come due twice since`,
      remedy: `Look at the room on the disk and at journalctl -u rke2-server on the servers; ${takeOne}.`,
    },
  ]
}

function folderFault({ settings, seen }: JudgedServer): Finding[] {
  const { folder, folder_state } = seen
  const gone = folder_state === 'missing' && !settings.made_by_rke2
  if (!gone && folder_state !== 'unreadable') return []
  return [
    {
      name: 'snapshot-folder',
      severity: 'warning',
      about: `node ${seen.hostname}`,
      message: gone
        ? `the folder for snapshots is not there: ${folder}; RKE2 takes none then, without a word`
        : `the folder for snapshots cannot be read: ${folder}`,
      remedy: gone
        ? `Make it: mkdir -p ${folder}; or mount what belongs there.`
        : `Look at it as root: ls -ld ${folder}. It has to be a folder, and its disk has to answer.`,
    },
  ]
}

const notSeen = ({ hostname, error }: ServerSnapshots): Finding[] =>
  error === null
    ? []
    : [
        {
          name: error.code,
          severity: 'warning',
          about: `node ${hostname}`,
          message: `its snapshots are not known: ${error.message}`,
          remedy: error.remedy,
        },
      ]

const listed = (servers: readonly JudgedServer[], what: (settings: SnapshotSettings) => string): string =>
  [...new Set(servers.map(({ settings }) => what(settings)))].join(' or ')
