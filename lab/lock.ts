import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { LabError } from './errors.ts'

/**
 * Holds an exclusive lock while `work` runs. The lock is flock(2)'s, held by a child that ends when its standard
 * input closes: also a process killed with -9 leaves no lock. `work` is told the child's pid.
 */
export async function withLock<T>(file: string, work: (holder: number) => Promise<T>): Promise<T> {
  const lock = await acquire(file, 'wait')
  if (!lock) throw new LabError(`could not lock ${file}`, 'Check that the folder is writable.')
  try {
    return await work(lock.holder)
  } finally {
    lock.release()
  }
}

/** Whether somebody holds the lock now. */
export async function isLocked(file: string): Promise<boolean> {
  const lock = await acquire(file, 'try')
  lock?.release()
  return !lock
}

interface Lock {
  readonly holder: number
  release(): void
}

// The file is removed on release, so a lock that was waited for may be one on a file that is gone: then again (75).
const holder = `
  exec 9>>"$1" || exit 1
  if [ "$2" = try ]; then flock --nonblock 9 || exit 1; else flock 9 || exit 1; fi
  [ "$1" -ef /dev/fd/9 ] || exit 75
  exec cat`

async function acquire(file: string, how: 'wait' | 'try'): Promise<Lock | null> {
  mkdirSync(dirname(file), { recursive: true })
  for (;;) {
    const lock = await attempt(file, how)
    if (lock !== 'gone') return lock
  }
}

function attempt(file: string, how: string): Promise<Lock | null | 'gone'> {
  const child = spawn('bash', ['-c', holder, 'lock', file, how], { stdio: ['pipe', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', code => resolve(code === 75 ? 'gone' : null))
    child.stdin.on('error', () => undefined)
    const release = (): void => {
      rmSync(file, { force: true })
      child.stdin.end()
    }
    // cat gives the byte back as soon as the lock is held.
    child.stdout.once('data', () => resolve({ holder: child.pid ?? 0, release }))
    child.stdin.write('.')
  })
}
