import { readFileSync } from 'node:fs'
import { LabError } from './errors.ts'
import { checkout } from './places.ts'
import type { LabRecord } from './record.ts'

/** A process by pid and start time, because pids are used again. */
type Owner = NonNullable<LabRecord['owner']>

/** Whom a lab belongs to: a process, or else whoever works in a checkout. */
export type Belonging = Pick<LabRecord, 'checkout' | 'owner'>

/** The owner that options of a lab name: the calling process unless they say otherwise. */
export function belongingOf({ ownerPid = process.pid }: { ownerPid?: number | null }): Belonging {
  if (ownerPid === null) return { checkout, owner: null }
  const owner = processOf(ownerPid)
  if (owner) return { checkout, owner }
  throw new LabError(`there is no process ${ownerPid}`, 'Give the pid of a living process as owner.', { exitCode: 2 })
}

/** @throws LabError when a lab is somebody else's: what one of two does to its hosts would surprise the other. */
export function requireOwn(lab: Belonging & Pick<LabRecord, 'name'>, by: Belonging): void {
  const { owner } = lab
  const isOwn = owner
    ? owner.pid === by.owner?.pid && owner.started === by.owner.started
    : by.owner === null && lab.checkout === by.checkout
  if (isOwn) return
  const whose = owner ? `process ${owner.pid}` : `the checkout ${lab.checkout}`
  throw new LabError(
    `lab ${lab.name} is there already, and belongs to ${whose}`,
    `Choose another name, or end it: lab/lab down --name ${lab.name}. To take it over: lab/lab up --adopt, with its hosts.`,
    { exitCode: 2 },
  )
}

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
