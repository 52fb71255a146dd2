import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

// What RKE2 runs in containers outlives its service (KillMode=process) and is taken up again by the next start, as long
// as it is to run as it did. Here these are processes; a file of each in /run says which.

const folder = '/run/rke2-outliving'

interface Outliving {
  pid: number
  /** When it began, in ticks since the boot: a number that another process of this pid does not have. */
  began: string
  /** Hash of how it was started. */
  key: string
}

const fileOf = (name: string) => join(folder, `${name}.json`)

/** Field 22 of /proc/PID/stat, undefined where there is no such process or it has ended and nobody has looked. */
function beganOf(pid: number): string | undefined {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return undefined
  try {
    const fields = readFileSync(file, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    // It ended between the two looks.
    return undefined
  }
}

/** How a program is started, as one word: its command, its options and what its configuration says. */
export function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

export const isAlive = ({ pid, began }: Pick<Outliving, 'pid' | 'began'>): boolean => beganOf(pid) === began

export function recordOutliving(name: string, pid: number, key: string): void {
  const began = beganOf(pid)
  if (began === undefined) return
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(fileOf(name), JSON.stringify({ pid, began, key } satisfies Outliving))
}

function read(name: string): Outliving | undefined {
  if (!existsSync(fileOf(name))) return undefined
  const content: unknown = JSON.parse(readFileSync(fileOf(name), 'utf8'))
  if (typeof content !== 'object' || content === null) return undefined
  const { pid, began, key } = { pid: undefined, began: undefined, key: undefined, ...content }
  return typeof pid === 'number' && typeof began === 'string' && typeof key === 'string'
    ? { pid, began, key }
    : undefined
}

/** The process of this name that outlived a stop and runs as it is to run; any other of the name is ended. */
export async function takeUp(name: string, key: string): Promise<Outliving | undefined> {
  const left = read(name)
  if (left === undefined || !isAlive(left)) return undefined
  if (left.key === key) return left
  await end(left)
  return undefined
}

/** Ends everything that outlived a stop. */
export async function endOutliving(): Promise<void> {
  if (!existsSync(folder)) return
  const names = readdirSync(folder).map(file => file.replace(/\.json$/, ''))
  await Promise.all(
    names.map(async name => {
      const left = read(name)
      if (left !== undefined && isAlive(left)) await end(left)
      rmSync(fileOf(name), { force: true })
    }),
  )
}

async function end(left: Outliving): Promise<void> {
  signal(left.pid, 'SIGTERM')
  const deadline = Date.now() + 3000
  while (isAlive(left)) {
    if (Date.now() > deadline) signal(left.pid, 'SIGKILL')
    await delay(50)
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself.
  }
}
