import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { LabError } from './errors.ts'

/**
 * Holds an exclusive lock while `work` runs. The lock is flock(2)'s, held by a child that ends when its standard
 * input closes: also a process killed with -9 leaves no lock.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const release = await acquire(file, [])
  if (!release) throw new LabError(`could not lock ${file}`, 'Check that the folder is writable.')
  try {
    return await work()
  } finally {
    release()
  }
}

/** Whether somebody holds the lock now. */
export async function isLocked(file: string): Promise<boolean> {
  const release = await acquire(file, ['--nonblock'])
  release?.()
  return !release
}

function acquire(file: string, options: string[]): Promise<(() => void) | null> {
  mkdirSync(dirname(file), { recursive: true })
  const holder = spawn('flock', [...options, '--exclusive', file, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    holder.on('error', reject)
    holder.on('exit', () => resolve(null))
    holder.stdin.on('error', () => undefined)
    // cat gives the byte back as soon as the lock is held.
    holder.stdout.once('data', () => resolve(() => holder.stdin.end()))
    holder.stdin.write('.')
  })
}
