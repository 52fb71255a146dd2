import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from './log.ts'

/** A program that RKE2 would run as a static pod: restarted whenever it ends, its output in a file of its own. */
export interface Program {
  name: string
  command: string
  args: readonly string[]
  logFile: string
}

export interface Running {
  readonly name: string
  readonly pid: number | undefined
  /** Ends it at once and starts it anew. */
  restart(): void
  /** Ends it for good: SIGTERM, and SIGKILL when it has not ended after `patience` milliseconds. */
  stop(patience: number): Promise<void>
}

const longestLog = 8_000_000
const firstPause = 500
const longestPause = 10_000

// etcd would tell systemd by itself that the service is up.
const { NOTIFY_SOCKET: _, ...environment } = process.env

/** Starts a program and keeps it running. `onExit` may return true to let it rest. */
export function keepRunning(program: Program, onExit: () => boolean = () => false): Running {
  let child: ChildProcess | undefined
  let stopping = false
  let restarting = false
  let pause = firstPause

  const start = () => {
    const began = Date.now()
    const output = openLog(program.logFile)
    child = spawn(program.command, program.args, { env: environment, stdio: ['ignore', output, output] })
    closeSync(output)
    child.once('error', error => log.error(`${program.name} can not be started: ${error.message}`))
    child.once('exit', (code, signal) => {
      if (stopping || onExit()) return
      if (restarting) {
        restarting = false
        start()
        return
      }
      pause = Date.now() - began > 30_000 ? firstPause : Math.min(pause * 2, longestPause)
      log.warn(`${program.name} ended (${signal ?? `exit code ${code}`}); restarting it in ${pause / 1000} s`)
      setTimeout(() => !stopping && start(), pause)
    })
  }
  start()

  return {
    name: program.name,
    get pid() {
      return child?.pid
    },
    restart: () => {
      restarting = child?.kill('SIGKILL') ?? false
    },
    stop: async patience => {
      stopping = true
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const abandoned = new AbortController()
      await Promise.race([ended, delay(patience, undefined, { signal: abandoned.signal }).catch(() => undefined)])
      abandoned.abort()
      child.kill('SIGKILL')
      await ended
    },
  }
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return openSync(file, size > longestLog ? 'w' : 'a', 0o600)
}
