import { readdirSync, readFileSync } from 'node:fs'

/** The living processes of this machine, those on the lab's hosts among them, as any root may see them. */

/** Command lines, the arguments separated by spaces; empty for a process of the kernel. */
export const commandLines = (): readonly string[] => processIds().map(commandLine)

export const commandLine = (pid: number): string => ofProcess(pid, 'cmdline').replaceAll('\0', ' ')

/**
 * Ids of the processes that have a variable which begins with `mark` (`SLIPWAY_ATTEMPT=…` marks what an attempt started;
 * with `\0` at its end it is the whole variable) and whose command line holds `command`.
 */
export const processesMarked = (mark: string, command = ''): readonly number[] =>
  processIds().filter(
    pid => variablesOf(pid).some(variable => `${variable}\0`.startsWith(mark)) && commandLine(pid).includes(command),
  )

/** A variable of a process's environment; empty when it has none. */
export const environmentValue = (pid: number, name: string): string =>
  variablesOf(pid)
    .find(variable => variable.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? ''

const variablesOf = (pid: number): readonly string[] => ofProcess(pid, 'environ').split('\0')

const processIds = (): readonly number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)

function ofProcess(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It ended while we looked.
    return ''
  }
}
