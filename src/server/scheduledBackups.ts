import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { setTimeout as after } from 'node:timers/promises'
import { keepBackup } from '../store/backup/backupFile.ts'
import { folderUnusable } from '../store/makeFolder.ts'
import type { Store } from '../store/openStore.ts'

export interface BackupSchedule {
  /** Folder of the backups, made when it is missing. */
  readonly folder: string
  /** So many are kept, the newest. */
  readonly keep: number
  /** ms from one to the next; default a day. */
  readonly every?: number
  /** ms until a backup that failed is tried again; default an hour. */
  readonly again?: number
}

export interface ScheduledBackups {
  stop(): Promise<void>
}

/** Where it writes what happened. */
interface Log {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

const day = 24 * 3600 * 1000
const hour = 3600 * 1000
/** Longest wait at once, ms: a machine that slept is not late by the time it slept. */
const longestWait = 10 * 60 * 1000
const named = /^slipway-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.backup$/

/**
 * Backs the database up whenever the newest backup in the folder is older than a day, and removes the oldest beyond those
 * that are kept. An installation that has no cluster is left alone.
 */
export function scheduleBackups(
  store: Pick<Store, 'backup' | 'database'>,
  version: string,
  schedule: BackupSchedule,
  log: Log,
): ScheduledBackups {
  const { folder, keep, every = day, again = hour } = schedule
  const stop = new AbortController()
  const take = async (): Promise<number> => {
    const wait = newestOf(backupsIn(folder)) + every - Date.now()
    if (wait > 0) return Math.min(wait, longestWait)
    if (!(await hasClusters(store))) return Math.min(every, longestWait)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, nameAt(new Date()))
    const { bytes, rows } = await keepBackup(file, addAbortSignal(stop.signal, store.backup(version)))
    log.info({ file, bytes, rows }, 'database backed up')
    for (const name of backupsIn(folder).slice(0, -keep)) rmSync(join(folder, name), { force: true })
    return Math.min(every, longestWait)
  }
  const working = (async () => {
    while (!stop.signal.aborted) {
      const wait = await take().catch((error: unknown) => {
        if (stop.signal.aborted) return 0
        log.error({ error, folder }, 'the database could not be backed up')
        return again
      })
      await after(wait, undefined, { signal: stop.signal, ref: false }).catch(() => {})
    }
  })()
  return {
    async stop() {
      stop.abort()
      await working
    },
  }
}

async function hasClusters({ database }: Pick<Store, 'database'>): Promise<boolean> {
  return (await database.selectFrom('clusters').select('id').limit(1).execute()).length > 0
}

/** Names of backups, the oldest first. */
function backupsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => named.test(name))
      .toSorted()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw folderUnusable(folder, error)
  }
}

/** ms since 1970 by its name; 0 when there is none. What lies in the future is a clock that was wrong. */
function newestOf(names: readonly string[]): number {
  const times = names.map(name => Date.parse(name.replace(named, '$1T$2:$3:$4Z'))).filter(time => time <= Date.now())
  return Math.max(0, ...times)
}

const nameAt = (time: Date): string => `slipway-${time.toISOString().slice(0, 19).replaceAll(':', '-')}Z.backup`
