import { readdirSync, readFileSync } from 'node:fs'

/** Command lines of the processes that carry this variable in their environment, our own left out. */
export function markedProcesses(variable: string): string[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0')
      return environment.includes(variable) ? [readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')] : []
    } catch {
      return [] // It has just ended.
    }
  })
}
