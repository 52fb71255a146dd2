import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { SlipwayError } from '../domain/errors.ts'
import { attemptVariable, endsByVariable, workerVariable } from './environment.ts'
import { startTime } from './startTime.ts'

/** Which processes: those of an attempt, or those of a whole worker (all its attempts and SSH masters). */
export type ChildrenOf = { readonly attempt: string } | { readonly worker: string }

/** A process, told apart from a later one with the same number by its start time (clock ticks since boot). */
interface Found {
  readonly pid: number
  readonly started: string
}

/** How long SIGTERM may take, ms. */
const defaultGrace = 2000
/** How long a program may take that ends its own children in good order (`ProcessOptions.endsBy`), ms. */
const goodOrder = 20_000
/** How long the kernel may take to end what was killed (a process in disk wait does not go at once), ms. */
const killPatience = 30_000

/**
 * Ends every process that carries the marker in its environment: children, grandchildren, those that called setsid,
 * those whose parents are gone. Those that end their own children in good order are asked first, alone; then SIGTERM, a
 * grace that ends as soon as none is left, SIGKILL, again until none is found.
 * @param patience ms for the good order; 0: there is no time for it.
 * @returns how many were ended.
 * @throws SlipwayError `internal` when one outlives SIGKILL for 30 s.
 */
export async function endChildren(of: ChildrenOf, grace = defaultGrace, patience = goodOrder): Promise<number> {
  const entry = 'attempt' in of ? `${attemptVariable}=${of.attempt}` : `${workerVariable}=${of.worker}`
  const ended = new Set<string>()
  const send = (found: readonly Found[], signal: NodeJS.Signals) => {
    for (const one of found) {
      ended.add(`${one.pid}/${one.started}`)
      kill(one, signal)
    }
  }
  const asked = patience > 0 ? askable(childrenWith(entry)) : []
  send(asked, 'SIGINT')
  const orderly = performance.now() + patience
  while (asked.some(isThere) && performance.now() < orderly) await after(20)
  const inOrder = asked.filter(one => !isThere(one)).length
  ended.clear()
  const deadline = performance.now() + grace
  let left = childrenWith(entry)
  send(left, 'SIGTERM')
  while (left.length > 0 && performance.now() < deadline) {
    await after(20)
    left = childrenWith(entry)
    // One that was forked since then has not got its signal yet.
    send(
      left.filter(one => !ended.has(`${one.pid}/${one.started}`)),
      'SIGTERM',
    )
  }
  const killed = performance.now() + killPatience
  while (left.length > 0) {
    if (performance.now() > killed) {
      const pids = left.map(one => one.pid).join(', ')
      throw new SlipwayError('internal', `processes ${pids} cannot be ended: the kernel holds them in a system call`)
    }
    // All stand still before the first one ends: who waits for another would go on with its next step.
    send(left, 'SIGSTOP')
    send(childrenWith(entry), 'SIGKILL')
    await after(10)
    left = childrenWith(entry)
  }
  return ended.size + inOrder
}

/** Those that are to be asked by SIGINT; what they have started carries the same variable. */
function askable(found: readonly Found[]): readonly Found[] {
  const marked = found.filter(({ pid }) => hasEntry(pid, `${endsByVariable}=SIGINT`))
  const pids = new Set(marked.map(({ pid }) => pid))
  return marked.filter(({ pid }) => !pids.has(parentOf(pid) ?? 0))
}

const isThere = ({ pid, started }: Found): boolean => startTime(pid) === started

/** The fields after the name, which may hold anything: state, parent, … */
const parentOf = (pid: number): number | null => {
  const [, parent] = /\) \S (\d+) /.exec(read(`/proc/${pid}/stat`) ?? '') ?? []
  return parent === undefined ? null : Number(parent)
}

/** Living processes (no zombies) whose environment at start held `NAME=value`; never this process itself. */
export function childrenWith(entry: string): Found[] {
  const found: Found[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    const pid = Number(name)
    if (!hasEntry(pid, entry)) continue
    const started = startTime(pid)
    if (started !== null) found.push({ pid, started })
  }
  return found
}

function hasEntry(pid: number, entry: string): boolean {
  const environment = read(`/proc/${pid}/environ`)
  return environment !== undefined && `\0${environment}`.includes(`\0${entry}\0`)
}

function kill(one: Found, signal: NodeJS.Signals): void {
  if (startTime(one.pid) !== one.started) return
  try {
    process.kill(one.pid, signal)
  } catch {
    // Gone in this moment.
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // Gone, or of another user: then it is none of ours.
    return undefined
  }
}
