import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { expect } from 'vitest'
import { postmasterOf } from '../store/postmaster.ts'
import { type KillableRuns, startWorkerProcess } from './killHarness.ts'

/** Who is killed: the worker, the postmaster of its embedded database, or both at the same moment. */
export type Victim = 'worker' | 'database' | 'both'

/**
 * In turn: one life of a worker has none, one or two kills of its database before its own. Six within five minutes are
 * more than a database is started again for.
 */
export const order: readonly Victim[] = [
  'worker',
  'database',
  'both',
  'database',
  'database',
  'both',
  'database',
  'worker',
]

/**
 * Lets a worker process work, and kills whose turn it is, until the worker is killed or its runs have ended.
 * @param next who is next, and how long until then, ms.
 * @returns whether the worker was killed before its runs had ended.
 */
export async function workUnderKills(
  runs: KillableRuns,
  next: () => { readonly victim: Victim; readonly wait: number },
  onKill: (victim: Victim) => void,
): Promise<boolean> {
  const { child, ended } = startWorkerProcess(runs, {}, 12_000)
  let isOver = false
  let databaseKills = 0
  const over = ended.then(result => {
    isOver = true
    return result
  })
  while (!isOver) {
    const { victim, wait } = next()
    await Promise.race([over, after(wait)])
    if (isOver) break
    const postmaster = postmasterOf(databaseOf(runs))
    // Not started yet, or just being started again.
    if (victim === 'database' && postmaster === null) continue
    if (victim !== 'worker' && postmaster !== null) {
      kill(postmaster)
      databaseKills++
    }
    if (victim !== 'database') child.kill('SIGKILL')
    onKill(victim)
    if (victim !== 'database') await over
  }
  const { code, killed, said } = await over
  if (!killed) {
    expect(code, said).toBe(0)
    if (databaseKills === 0) expect(said).toBe('')
  }
  // It was away for less time than a lease lasts: nobody may lose one for that.
  expect(said).not.toMatch(/lease-lost|Stopped/)
  return killed
}

const databaseOf = ({ database: { location } }: KillableRuns): string => {
  if (!('folder' in location)) throw new Error('a database of its own is needed')
  return join(location.folder, 'postgresql')
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended in this moment.
  }
}
