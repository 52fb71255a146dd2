import { readFileSync } from 'node:fs'
import { processesIn } from '../../src/store/embedded/leftovers.ts'
import { until } from '../until.ts'

/** In the place of a parent: the process has ended in this moment. */
const ended = -1

/** The postmaster of a database's folder: the only one of its processes whose parent is not one of them; null when none runs. */
export function postmasterOf(folder: string): number | null {
  const all = processesIn(folder)
  return all.find(pid => ![ended, ...all].includes(parentOf(pid))) ?? null
}

/**
 * As soon as one runs that is another than `last`: after an earlier kill it may just be started again.
 * @returns whom.
 */
export async function killPostmaster(folder: string, last: number | null = null): Promise<number> {
  let killed = 0
  await until(`there is a postmaster in ${folder}`, () => {
    const postmaster = postmasterOf(folder)
    if (postmaster === null || postmaster === last) return false
    process.kill(postmaster, 'SIGKILL')
    killed = postmaster
    return true
  })
  return killed
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return ended
  }
}
