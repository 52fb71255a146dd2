import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import { startTime } from '../processes/startTime.ts'

/** A folder of this server alone, in memory: keys and inventories never reach a disk. */
export interface MemoryFolder {
  readonly path: string
  remove(): void
}

/**
 * Makes the folder (0700), and removes those of processes that are gone, however they ended.
 * @throws SlipwayError `tool-missing` when there is no file system in memory that can be written.
 */
export function makeMemoryFolder(environment: NodeJS.ProcessEnv = process.env): MemoryFolder {
  const parent = privateParent([environment['XDG_RUNTIME_DIR'] ?? '', '/dev/shm', '/run'])
  for (const name of readdirSync(parent))
    if (name !== lasting && !isAlive(name)) rmSync(join(parent, name), { recursive: true, force: true })
  const name = `${process.pid}-${startTime(process.pid) ?? '0'}`
  const path = join(parent, made++ === 0 ? name : `${name}-${made}`)
  mkdirSync(path, { mode: 0o700 })
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

const lasting = 'lasting'

/**
 * Beside the folder of a server: for what its successor on this machine must find, also when the server was killed. What
 * lies there is named so that no other installation means the same, and is removed by whoever has done with it.
 */
export function lastingFolders(path: string): string {
  const folder = join(dirname(path), lasting)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** A process may have several servers. */
let made = 0

function privateParent(candidates: readonly string[]): string {
  const user = process.getuid?.() ?? 0
  for (const candidate of candidates) {
    if (!isTmpfs(candidate)) continue
    const parent = join(candidate, `slipway-${user}`)
    try {
      mkdirSync(parent, { recursive: true, mode: 0o700 })
      const stat = lstatSync(parent)
      // In a folder that everybody may write, somebody else may have been first.
      if (!stat.isDirectory() || stat.uid !== user) continue
      chmodSync(parent, 0o700)
      return parent
    } catch {
      // The next one may be ours.
    }
  }
  throw new SlipwayError('tool-missing', 'there is no folder in memory (tmpfs) that this user may write', {
    remedy: 'Mount /dev/shm, or set XDG_RUNTIME_DIR to a folder of your own on a tmpfs.',
  })
}

/** By the mount table: the deepest mount that holds the path. */
function isTmpfs(path: string): boolean {
  if (!path.startsWith('/')) return false
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' '))
    .filter(
      ([, point]) => point !== undefined && (path === point || path.startsWith(point === '/' ? '/' : `${point}/`)),
    )
    .toSorted(([, one = ''], [, other = '']) => other.length - one.length)
  return mounts[0]?.[2] === 'tmpfs' || mounts[0]?.[2] === 'ramfs'
}

/** `PID-STARTTIME`, from the second on `PID-STARTTIME-COUNT`: the number alone may be another process by now. */
function isAlive(name: string): boolean {
  const [, pid, started] = /^(\d+)-(\d+)(?:-\d+)?$/.exec(name) ?? []
  return pid !== undefined && startTime(Number(pid)) === started
}
