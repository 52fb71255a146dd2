import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import { runSync } from '../processes/runSync.ts'
import { folderUnusable, makeDataFolder } from './makeFolder.ts'

/**
 * Two processes on one data folder would each start a database on it. The lock is flock(2) on an open file: the kernel gives it
 * back when the process ends, however it ends, so it is never stale. Node has no flock; `flock -n FD` takes it on
 * the file description that this process shares with that short-lived child.
 */
export interface FolderLock {
  /** Records under which URL the holder can be reached, for those who are refused. */
  announce(url: string): void
  release(): void
}

const holder = z.object({ pid: z.int(), host: z.string(), since: z.string(), url: z.string().optional() })
type Holder = z.infer<typeof holder>

/**
 * @throws SlipwayError `folder-in-use` at once when another process holds the folder; facts: pid, url;
 *   `folder-unusable` when it cannot be made or written to.
 */
export function lockFolder(folder: string): FolderLock {
  makeDataFolder(folder)
  const file = join(folder, 'lock')
  const descriptor = openLock(file)
  const taken = runSync('flock', ['--nonblock', '--conflict-exit-code', '75', '3'], descriptor)
  if (taken.exitCode !== 0) {
    closeSync(descriptor)
    if (taken.exitCode === 75) throw refusal(folder, readHolder(file))
    throw new SlipwayError('tool-missing', `flock (util-linux) is needed to lock ${folder}`, {
      cause: taken.error ?? new Error(taken.stderr),
    })
  }
  const self: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() }
  const write = (content: Holder): void => {
    ftruncateSync(descriptor)
    writeSync(descriptor, `${JSON.stringify(content)}\n`)
  }
  write(self)
  let held = true
  return {
    announce: url => held && write({ ...self, url }),
    release: () => {
      if (held) closeSync(descriptor)
      held = false
    },
  }
}

function openLock(file: string): number {
  let descriptor: number | undefined
  try {
    descriptor = openSync(file, 'a+', 0o600)
    // A FIFO opens, too, but neither remembers its holder nor can be read without waiting.
    if (!fstatSync(descriptor).isFile()) throw new Error('it is no regular file')
    return descriptor
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor)
    throw folderUnusable(file, error)
  }
}

/** What the lock file says; only a hint for people (it may be one holder behind), never the lock itself. */
function readHolder(file: string): Holder | null {
  try {
    return holder.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

function refusal(folder: string, by: Holder | null): SlipwayError {
  const who = by ? `process ${by.pid} on ${by.host}, since ${by.since}` : 'another process'
  return new SlipwayError('folder-in-use', `${folder} is held by ${who}${by?.url ? `, reachable at ${by.url}` : ''}`, {
    facts: { folder, pid: by?.pid ?? null, url: by?.url ?? null },
  })
}
