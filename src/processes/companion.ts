import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { SlipwayError } from '../domain/errors.ts'
import { childEnvironment } from './environment.ts'

/** A child that runs beside this process for as long as it is needed, and is told to end when this process is gone. */
export interface Companion {
  readonly pid: number
  readonly ended: Promise<CompanionEnd>
  /** Nobody has its standard error open any more: what it said is there, and its own children are gone. */
  readonly silent: Promise<unknown>
  signal(name: NodeJS.Signals): void
}

export interface CompanionEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  /** `exit code 1`, `SIGKILL`. */
  readonly words: string
}

export interface CompanionOptions {
  readonly directory: string
  /** Additions to the short inherited environment. */
  readonly environment: Readonly<Record<string, string>>
  /** What the kernel sends it when this process has ended, however that was. */
  readonly signalAtOurEnd: 'INT' | 'TERM' | 'KILL'
  /** Programs that end in calling the next one, in whose place it then is: `flock …`, `unshare …`. */
  readonly before: readonly string[]
  readonly onStderr: (text: string) => void
}

/**
 * Starts it in a session of its own: Ctrl-C in a terminal is for this process to judge.
 * @throws SlipwayError `tool-missing` when it, or what is called before it, cannot be started.
 */
export async function startCompanion(
  file: string,
  args: readonly string[],
  options: CompanionOptions,
): Promise<Companion> {
  // setpriv comes last: a change of who one is clears the signal again.
  const [command = '', ...rest] = [...options.before, 'setpriv', `--pdeathsig=${options.signalAtOurEnd}`, file, ...args]
  const child = spawn(command, rest, {
    cwd: options.directory,
    env: childEnvironment(options.environment),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', options.onStderr)
  const silent = new Promise<void>(resolve => child.once('close', () => resolve()))
  const ended = new Promise<CompanionEnd>(resolve =>
    child.once('exit', (exitCode, signal) => resolve({ exitCode, words: signal ?? `exit code ${exitCode}` })),
  )
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new SlipwayError('tool-missing', `${command} (util-linux) cannot be started in ${options.directory}`, {
      cause,
    })
  })
  return { pid: child.pid ?? 0, ended, silent, signal: name => void child.kill(name) }
}
