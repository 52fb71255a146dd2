import { readFileSync } from 'node:fs'
import { processesIn } from '../../src/store/embedded/leftovers.ts'

/** The postmaster of a database's folder: the only one of its processes whose parent is not one of them; null when none runs. */
export function postmasterOf(folder: string): number | null {
  const all = processesIn(folder)
  return all.find(pid => !all.includes(parentOf(pid))) ?? null
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    // It has ended in this moment.
    return 0
  }
}
