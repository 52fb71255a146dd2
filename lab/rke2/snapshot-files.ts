import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseCron } from './cron.ts'
import { explain, log } from './log.ts'
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

/** Takes a snapshot of this host's etcd; returns its name, `<prefix>-<unix seconds>`. */
export async function saveSnapshot(paths: Paths, folder: string, prefix: string): Promise<string> {
  const name = `${prefix}-${Math.floor(Date.now() / 1000)}`
  await mkdir(folder, { recursive: true, mode: 0o700 })
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

/** Takes the scheduled snapshots of a server until it stops. */
export async function followSchedule(paths: Paths, settings: Settings, stopped: AbortSignal): Promise<void> {
  const { schedule, dir, name, retention } = settings.snapshots
  if (schedule === undefined) return
  const isDue = parseCron(schedule)
  const folder = dir ?? paths.snapshots
  const prefix = `${name}-${settings.nodeName}`
  let last = Math.floor(Date.now() / 60_000)
  while (!stopped.aborted) {
    await delay(1000, undefined, { signal: stopped }).catch(() => undefined)
    const minute = Math.floor(Date.now() / 60_000)
    if (minute === last || stopped.aborted) continue
    last = minute
    if (!isDue(new Date(minute * 60_000))) continue
    try {
      await saveSnapshot(paths, folder, prefix)
      await pruneSnapshots(folder, prefix, retention)
    } catch (error) {
      log.error(`Failed to take etcd snapshot: ${explain(error)}`)
    }
  }
}
