import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Due, parseCron } from './cron.ts'
import { log } from './log.ts'
import type { Paths } from './paths.ts'
import { runTool } from './programs.ts'
import type { Settings } from './settings.ts'

export interface Snapshot {
  name: string
  path: string
  size: number
  created: Date
}

/** The snapshots of a folder, oldest first. */
export function snapshotsIn(folder: string): Snapshot[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .map(name => ({ name, path: join(folder, name), stat: statSync(join(folder, name)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ name, path, stat }) => ({ name, path, size: stat.size, created: stat.mtime }))
    .toSorted((one, other) => one.created.getTime() - other.created.getTime())
}

/** Those beyond the `retention` newest of one name on one node. */
export function superfluous<T extends { name: string }>(
  oldestFirst: readonly T[],
  prefix: string,
  retention: number,
): T[] {
  const own = oldestFirst.filter(({ name }) => name.startsWith(`${prefix}-`))
  return retention < 1 ? [] : own.slice(0, Math.max(0, own.length - retention))
}

/**
 * Takes a snapshot of this host's etcd; returns its name, `<prefix>-<unix seconds>`. Only RKE2's own folder is made
 * where it is missing. Throws where another one is.
 */
export async function saveSnapshot(paths: Paths, folder: string, prefix: string): Promise<string> {
  const name = `${prefix}-${Math.floor(Date.now() / 1000)}`
  if (folder === paths.snapshots) await mkdir(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(folder)) throw new Error(`failed to get etcd-snapshot-dir: stat ${folder}: no such file or directory`)
  const tls = join(paths.tls, 'etcd')
  const identity = [`--cacert=${tls}/server-ca.crt`, `--cert=${tls}/client.crt`, `--key=${tls}/client.key`]
  await runTool('etcdctl', ['--endpoints=https://127.0.0.1:2379', ...identity, 'snapshot', 'save', join(folder, name)])
  log.info(`Snapshot ${name} saved.`)
  return name
}

export async function pruneSnapshots(folder: string, prefix: string, retention: number): Promise<void> {
  for (const { name, path } of superfluous(snapshotsIn(folder), prefix, retention)) {
    await rm(path)
    log.info(`Snapshot ${name} deleted.`)
  }
}

/** A schedule that can't be read is silently none, as in RKE2: the server starts, and no snapshot is ever taken. */
export function scheduleOf(text: string | undefined): Due | undefined {
  if (text === undefined) return undefined
  try {
    return parseCron(text)
  } catch {
    return undefined
  }
}

/** Takes the scheduled snapshots of a server until it stops. */
export async function followSchedule(paths: Paths, settings: Settings, stopped: AbortSignal): Promise<void> {
  const { schedule, dir, name, retention } = settings.snapshots
  const isDue = scheduleOf(schedule)
  if (isDue === undefined) return
  const folder = dir ?? paths.snapshots
  const prefix = `${name}-${settings.nodeName}`
  const since = new Date()
  let last = Math.floor(since.getTime() / 1000)
  while (!stopped.aborted) {
    await delay(500, undefined, { signal: stopped }).catch(() => undefined)
    const second = Math.floor(Date.now() / 1000)
    if (second === last || stopped.aborted) continue
    // A second that a busy machine slept through is still looked at.
    const seconds = Array.from({ length: Math.min(60, second - last) }, (_, place) => second - place)
    last = second
    if (!seconds.some(time => isDue(new Date(time * 1000), since))) continue
    try {
      await saveSnapshot(paths, folder, prefix)
      await pruneSnapshots(folder, prefix, retention)
    } catch {
      // Nothing tells of it, as in RKE2: a folder that is missing costs every scheduled snapshot.
    }
  }
}
