import type { Readable } from 'node:stream'
import { SlipwayError } from '../domain/errors.ts'
import { childEnvironment, endsByVariable } from './environment.ts'
import type { Limiter } from './limiter.ts'
import { boundedText } from './boundedText.ts'

/** Called with decoded text as it arrives; a returned promise holds the stream back until it settles. */
export type OnText = (text: string) => void | Promise<void>

export interface ProcessOptions {
  /** Additions to the short inherited environment; must hold the marker (`markerEnvironment`). */
  readonly environment: Readonly<Record<string, string>>
  readonly directory?: string
  /** Written and closed; or a function that writes to the pipe itself and may keep it open. Secrets go here, never into arguments. */
  readonly stdin?: string | Uint8Array | ((pipe: NodeJS.WritableStream) => void)
  readonly onStdout?: OnText
  readonly onStderr?: OnText
  /** Opens file descriptor 3 in the child; gets what is written there. */
  readonly onFd3?: OnText
  readonly signal?: AbortSignal
  /** ms; then the group gets SIGTERM and, 3 s later, SIGKILL. */
  readonly timeout?: number
  /**
   * SIGINT: at its end the child alone is asked, and has 20 s; of a program that ends its own children in good order,
   * and that loses what they know when they are ended beside it.
   */
  readonly endsBy?: 'SIGINT'
  /** Characters kept of each stream; default 1 Mi. */
  readonly maxOutput?: number
  /** What happens beyond `maxOutput`: `tail` keeps the end (default), `stop` ends the child. */
  readonly overflow?: 'tail' | 'stop'
  /** Takes a place here for as long as the child runs. */
  readonly limiter?: Limiter
}

export type ProcessEnd = 'exited' | 'cancelled' | 'timeout' | 'overflow'

export interface FinishedProcess {
  readonly end: ProcessEnd
  /** null when a signal ended it. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** ms. */
  readonly duration: number
}

/** Of a child that was not wanted any more before it could start, or before it could answer. */
export const cancelled: FinishedProcess = { end: 'cancelled', exitCode: null, stdout: '', stderr: '', duration: 0 }

/** Time between SIGTERM and SIGKILL, ms. */
const graceBeforeKill = 3000
const longGraceBeforeKill = 20_000
/** A grandchild may hold the pipes open after the child has gone; what it writes later is not waited for, ms. */
const graceAfterExit = 500

/**
 * Runs a child in a process group of its own and waits for it. Every child of Slipway starts here. A non-zero exit is
 * a result, not an error.
 * @throws SlipwayError `tool-missing` when the program cannot be started, `machine-exhausted` when no program can;
 *   whatever a callback throws, once the child has ended.
 */
export const runProcess: RunProcess<ProcessOptions> = (file, args, options) =>
  inPlace(options, rest => startAndWait(file, args, rest))

export type RunProcess<Options> = (file: string, args: readonly string[], options: Options) => Promise<FinishedProcess>

/** Waits for a place where there is a limiter; nothing is started for a caller who does not want it any more. */
export async function inPlace<Options extends Pick<ProcessOptions, 'limiter' | 'signal'>>(
  options: Options,
  start: (options: Options) => Promise<FinishedProcess>,
): Promise<FinishedProcess> {
  const { limiter, signal } = options
  const unlessAborted = async () => (signal?.aborted ? cancelled : start(options))
  if (!limiter) return unlessAborted()
  return limiter.run(unlessAborted, signal).catch((error: unknown) => {
    if (signal?.aborted && error === signal.reason) return cancelled
    throw error
  })
}

async function startAndWait(file: string, args: readonly string[], options: ProcessOptions): Promise<FinishedProcess> {
  // A hundred files, which a command that starts no child does without.
  const { execa } = await import('execa')
  const started = performance.now()
  const stop = new AbortController()
  const timer = options.timeout === undefined ? undefined : setTimeout(() => stop.abort('timeout'), options.timeout)
  const cancel = () => stop.abort('cancelled')
  options.signal?.addEventListener('abort', cancel, { once: true })

  const child = execa(file, [...args], {
    ...(options.directory !== undefined && { cwd: options.directory }),
    env: childEnvironment({
      ...options.environment,
      ...(options.endsBy !== undefined && { [endsByVariable]: options.endsBy }),
    }),
    extendEnv: false,
    stdio: [
      options.stdin === undefined ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
      ...(options.onFd3 ? ['pipe' as const] : []),
    ],
    buffer: false,
    reject: false,
    // Either way it has a group of its own: what it leaves behind is ended with it.
    ...(options.endsBy === undefined ? { killDescendants: true } : { detached: true }),
    killSignal: options.endsBy ?? 'SIGTERM',
    cancelSignal: stop.signal,
    forceKillAfterDelay: options.endsBy === undefined ? graceBeforeKill : longGraceBeforeKill,
  })
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new SlipwayError('internal', `${file} has no output pipes`)
  const output = boundedText(options.maxOutput, options.overflow === 'stop' ? () => stop.abort('overflow') : undefined)
  const errors = boundedText(options.maxOutput, options.overflow === 'stop' ? () => stop.abort('overflow') : undefined)
  const failed = (thrown: unknown): never => {
    stop.abort('callback')
    throw thrown
  }
  const extra = child.stdio[3]
  const pumps = [
    pump(stdout, output.add, options.onStdout),
    pump(stderr, errors.add, options.onStderr),
    ...(options.onFd3 && extra && 'setEncoding' in extra ? [pump(extra, () => {}, options.onFd3)] : []),
  ]
  const feeding = (async () => feed(child.stdin, options.stdin))()
  const callbacks = [...pumps.map(({ done }) => done), feeding].map(each => each.catch(failed))
  let watch: NodeJS.Timeout | undefined
  child.nodeChildProcess.once('exit', () => {
    if (stop.signal.aborted && child.pid) killGroup(child.pid)
    const exited = performance.now()
    watch = setInterval(() => {
      for (const { closeWhenQuiet } of pumps) closeWhenQuiet(exited)
    }, graceAfterExit / 5)
  })

  try {
    // Also when a callback has failed: whoever hears of it may count on the child's end.
    const [result, settled] = await Promise.all([child, Promise.allSettled(callbacks)])
    for (const callback of settled) if (callback.status === 'rejected') throw callback.reason
    if (result.exitCode === undefined && result.signal === undefined && !stop.signal.aborted)
      throw notStarted(file, result.cause)
    return {
      end: endOf(stop.signal),
      exitCode: result.exitCode ?? null,
      stdout: output.text(),
      stderr: errors.text(),
      duration: performance.now() - started,
    }
  } finally {
    clearTimeout(timer)
    clearInterval(watch)
    options.signal?.removeEventListener('abort', cancel)
  }
}

/** What the kernel says when it has no place for a process, its memory or its pipes. */
const exhausted: ReadonlySet<unknown> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'])

function notStarted(file: string, cause: unknown): SlipwayError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return exhausted.has(code)
    ? new SlipwayError('machine-exhausted', `${file} cannot be started: ${code}`, { cause })
    : new SlipwayError('tool-missing', `${file} cannot be started`, { cause })
}

const endOf = (signal: AbortSignal): ProcessEnd =>
  signal.aborted
    ? signal.reason === 'timeout' || signal.reason === 'overflow'
      ? signal.reason
      : 'cancelled'
    : 'exited'

/** What the group left behind when its leader ended on our signal. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group is empty already.
  }
}

function feed(pipe: NodeJS.WritableStream | null, stdin: ProcessOptions['stdin']): void {
  if (!pipe || stdin === undefined) return
  // A child that ends without reading its input is judged by its exit code, not by our broken pipe.
  pipe.on('error', () => {})
  if (typeof stdin === 'function') stdin(pipe)
  else pipe.end(stdin)
}

interface Pump {
  readonly done: Promise<void>
  /** Closes the stream once nothing has come for a while. What a slow reader has yet to take counts as coming. */
  closeWhenQuiet(exited: number): void
}

function pump(stream: Readable, keep: (text: string) => void, onText: OnText | undefined): Pump {
  let reading = false
  let quietSince = performance.now()
  const read = async () => {
    stream.setEncoding('utf8')
    try {
      for await (const text of stream) {
        reading = true
        keep(text)
        await onText?.(text)
        reading = false
        quietSince = performance.now()
      }
    } catch (error) {
      if (
        !stream.destroyed ||
        !(error instanceof Error) ||
        !('code' in error) ||
        error.code !== 'ERR_STREAM_PREMATURE_CLOSE'
      )
        throw error
    }
  }
  return {
    done: read(),
    closeWhenQuiet(exited) {
      if (!reading && performance.now() - Math.max(quietSince, exited) > graceAfterExit) stream.destroy()
    },
  }
}
