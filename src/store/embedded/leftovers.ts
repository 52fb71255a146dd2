import { existsSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { SlipwayError } from '../../domain/errors.ts'
import { startTime } from '../../processes/startTime.ts'

/** How long each signal is given, ms: an orderly end writes all that is in memory to the disk. */
const steps: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 10_000],
  ['SIGKILL', 10_000],
]

/**
 * Ends the processes of PostgreSQL that work in this folder: those of a Slipway that was killed. The caller holds the
 * lock of the data folder, so nobody else has any.
 * @throws SlipwayError `folder-in-use` when one outlives SIGKILL.
 */
export async function endLeftovers(folder: string, patience = steps): Promise<void> {
  let left = processesIn(folder)
  for (const [signal, limit] of patience) {
    for (const pid of left) send(pid, signal)
    const deadline = performance.now() + limit
    while (left.length > 0 && performance.now() < deadline) {
      await after(10)
      left = processesIn(folder)
    }
  }
  if (left.length > 0)
    throw new SlipwayError('folder-in-use', `${folder}: processes ${left.join(', ')} of PostgreSQL cannot be ended`, {
      facts: { folder, pid: left[0] ?? null },
      remedy: 'Look why the kernel holds them (a disk that does not answer?), or start the machine anew.',
    })
}

/** Removes a database that was only being made, and ends who works on it: nothing of it is worth an orderly end. */
export async function removeUnfinished(folder: string): Promise<void> {
  if (existsSync(folder)) await endLeftovers(folder, [['SIGKILL', 10_000]])
  rmSync(folder, { recursive: true, force: true })
}

/** PostgreSQL's processes all stand in the folder of their database. */
export function processesIn(folder: string): number[] {
  const place = realpathSync(folder)
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => linkOf(pid, 'cwd') === place && isPostgres(linkOf(pid, 'exe')) && startTime(pid) !== null)
}

/** After an update of Slipway the program that runs is deleted. */
const isPostgres = (program: string): boolean => basename(program.replace(/ \(deleted\)$/, '')) === 'postgres'

function linkOf(pid: number, name: 'cwd' | 'exe'): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`)
  } catch {
    // Gone, or of another user: then it is none of ours.
    return ''
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone in this moment.
  }
}
