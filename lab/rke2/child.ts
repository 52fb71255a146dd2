import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from './log.ts'
import { isAlive, recordOutliving, takeUp } from './outliving.ts'

/** A program that RKE2 runs: restarted whenever it ends, its output in a file of its own. */
export interface Program {
  name: string
  command: string
  args: readonly string[]
  logFile: string
  /** How it is started, as one word, for what runs in a container in RKE2: it outlives the service. */
  container?: string
  /** What it is started with beside this process's own. */
  environment?: Readonly<Record<string, string>>
}

export interface Running {
  readonly name: string
  readonly pid: number | undefined
  /** Whether it lives on when the service stops. */
  readonly outlives: boolean
  /** Ends it at once and starts it anew. */
  restart(): void
  /** Ends it for good: SIGTERM, and SIGKILL when it has not ended after `patience` milliseconds. */
  stop(patience: number): Promise<void>
  /** Leaves it to itself. */
  release(): void
}

const longestLog = 8_000_000
const firstPause = 500
const longestPause = 10_000
const lookPause = 250

// etcd would tell systemd by itself that the service is up.
const { NOTIFY_SOCKET: _, RKE2_LAB_MAIN_PID: __, ...inherited } = process.env
// A start costs a third less of the processor when Go collects its garbage less often and keeps to one thread. The API
// server's, which is the dearest, costs a quarter less again when it collects nothing until its memory is full.
const environment = { ...inherited, GOGC: '400', GOMAXPROCS: '1' }
const ofApiserver = { ...environment, GOGC: 'off', GOMEMLIMIT: '600MiB' }

/** A process that this one started, or one that it took up and can only look at. */
interface Process {
  pid: number | undefined
  kill(signal: 'SIGTERM' | 'SIGKILL'): boolean
  ended: Promise<string>
}

/** Starts a program, or takes up the one that outlived a stop, and keeps it running. `onExit` may return true to let it rest. */
export async function keepRunning(program: Program, onExit: () => boolean = () => false): Promise<Running> {
  let current: Process | undefined
  let stopping = false
  let restarting = false
  let pause = firstPause

  const start = async () => {
    const began = Date.now()
    const key = program.container
    const left = key === undefined ? undefined : await takeUp(program.name, key)
    if (stopping) return
    if (left !== undefined) log.info(`${program.name} goes on as process ${left.pid}`)
    const own = left === undefined ? spawned(program) : takenUp(left)
    current = own
    if (left === undefined && key !== undefined && own.pid !== undefined) recordOutliving(program.name, own.pid, key)
    void own.ended.then(how => {
      if (stopping || onExit()) return
      if (restarting) {
        restarting = false
        void start()
        return
      }
      pause = Date.now() - began > 30_000 ? firstPause : Math.min(pause * 2, longestPause)
      log.warn(`${program.name} ended (${how}); restarting it in ${pause / 1000} s`)
      setTimeout(() => !stopping && void start(), pause)
    })
  }
  await start()

  return {
    name: program.name,
    outlives: program.container !== undefined,
    get pid() {
      return current?.pid
    },
    restart: () => {
      restarting = current?.kill('SIGKILL') ?? false
    },
    release: () => {
      stopping = true
    },
    stop: async patience => {
      stopping = true
      if (current === undefined) return
      const { ended, kill } = current
      kill('SIGTERM')
      const abandoned = new AbortController()
      await Promise.race([ended, delay(patience, undefined, { signal: abandoned.signal }).catch(() => undefined)])
      abandoned.abort()
      kill('SIGKILL')
      await ended
    },
  }
}

function spawned(program: Program): Process {
  const output = openLog(program.logFile)
  // What is no container ends with this process, however that ends; a container has a session of its own.
  const [command, ...args] =
    program.container === undefined
      ? ['setpriv', '--pdeathsig', 'KILL', '--', program.command, ...program.args]
      : [program.command, ...program.args]
  const child: ChildProcess = spawn(command, args, {
    env: { ...(program.name === 'kube-apiserver' ? ofApiserver : environment), ...program.environment },
    stdio: ['ignore', output, output],
    detached: program.container !== undefined,
  })
  closeSync(output)
  const ended = Promise.race([
    once(child, 'exit').then(([code, signal]: unknown[]) => String(signal ?? `exit code ${String(code)}`)),
    once(child, 'error').then(([error]: unknown[]) => {
      log.error(`${program.name} can not be started: ${String(error)}`)
      return 'not started'
    }),
  ])
  return { pid: child.pid, kill: signal => child.kill(signal), ended }
}

function takenUp(left: { pid: number; began: string }): Process {
  const watch = async () => {
    while (isAlive(left)) await delay(lookPause)
    return 'it was taken up'
  }
  return {
    pid: left.pid,
    kill: signal => isAlive(left) && process.kill(left.pid, signal),
    ended: watch(),
  }
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return openSync(file, size > longestLog ? 'w' : 'a', 0o600)
}
