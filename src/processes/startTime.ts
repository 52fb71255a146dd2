import { readFileSync } from 'node:fs'

/**
 * When a process started, in clock ticks since boot: its number is used again, the pair is not. Null when there is no
 * such process, or only its zombie.
 */
export function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The command in parentheses may hold anything; the fields are counted after its end (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}
