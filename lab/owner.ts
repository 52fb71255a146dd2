import { readFileSync } from 'node:fs'
import type { LabRecord } from './record.ts'

/** A process by pid and start time, because pids are used again. */
type Owner = NonNullable<LabRecord['owner']>

export function processOf(pid: number): Owner | null {
  const started = startTime(pid)
  return started === null ? null : { pid, started }
}

export const isAlive = (owner: Owner): boolean => startTime(owner.pid) === owner.started

/** The process's start in clock ticks since boot; null when there is none, or a zombie. */
function startTime(pid: number): string | null {
  try {
    // The name in parentheses may hold anything; what follows the last ')' is plain.
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return state === 'Z' || state === 'X' ? null : (fields[18] ?? null)
  } catch {
    return null
  }
}
