import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { SlipwayError } from '../domain/errors.ts'
import { childEnvironment } from './environment.ts'
import type { LaunchReply, LaunchRequest } from './launcherMessages.ts'
import { cancelled, type FinishedProcess, inPlace, type ProcessOptions, type RunProcess } from './run.ts'

/**
 * Starts children by way of a small process. To fork, the kernel copies the tables of all memory that the parent has,
 * and the parent stands still meanwhile: tens of ms a child in a server with its embedded database, against one or two.
 */
export interface Launcher {
  /** As `runProcess`, without a third descriptor. The process is started with the first child. */
  readonly run: RunProcess<LaunchedOptions>
  /** Ends the process and what still runs in it. */
  close(): Promise<void>
}

export type LaunchedOptions = Omit<ProcessOptions, 'onFd3'>

interface Waiting {
  readonly options: LaunchedOptions
  finish(result: FinishedProcess): void
  fail(error: unknown): void
  /** What a callback threw; told when the child has ended. */
  broken?: unknown
}

const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './launcherProcess.ts' : './launcherProcess.js', import.meta.url),
)

/** `environment`: the marker of this process (`markerEnvironment`), without an attempt. */
export function createLauncher(environment: Readonly<Record<string, string>>): Launcher {
  const waiting = new Map<number, Waiting>()
  let child: ChildProcess | undefined
  let lastId = 0
  let closing = false

  const started = (): ChildProcess => {
    if (child) return child
    const cache = getCompileCacheDir()
    const fresh = fork(program, [], {
      // A session of its own: Ctrl-C in a terminal is for this process to judge.
      detached: true,
      env: { ...childEnvironment(environment), ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }) },
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    fresh.on('message', (reply: LaunchReply) => void receive(fresh, reply))
    const ended = (why: string): void => {
      if (child !== fresh) return
      child = undefined
      for (const { finish, fail } of waiting.values())
        if (closing) finish(cancelled)
        else fail(new SlipwayError('internal', `the process that starts ssh has ended: ${why}`))
      waiting.clear()
    }
    fresh.on('error', error => ended(error.message))
    fresh.on('exit', (code, signal) => ended(signal ?? `exit code ${code}`))
    fresh.unref()
    child = fresh
    return fresh
  }
  const receive = async (from: ChildProcess, reply: LaunchReply): Promise<void> => {
    const one = waiting.get(reply.id)
    if (!one) return
    if (reply.type === 'text') {
      const { id, stream } = reply
      const read = stream === 'stdout' ? one.options.onStdout : one.options.onStderr
      try {
        await read?.(reply.text)
        send(from, { type: 'taken', id, stream })
      } catch (error) {
        one.broken ??= error
        send(from, { type: 'abort', id })
      }
      return
    }
    waiting.delete(reply.id)
    if (one.broken !== undefined) one.fail(one.broken)
    else if (reply.type === 'finished') one.finish(reply.result)
    else one.fail(new SlipwayError(reply.code, reply.message))
  }

  const launch = async (file: string, args: readonly string[], options: LaunchedOptions): Promise<FinishedProcess> => {
    const process = started()
    const id = ++lastId
    const { promise, resolve, reject } = Promise.withResolvers<FinishedProcess>()
    waiting.set(id, { options, finish: resolve, fail: reject })
    // Only what somebody waits for keeps this process from its end.
    process.channel?.ref()
    const { environment: additions, directory, timeout, maxOutput, overflow, stdin, signal } = options
    send(process, {
      type: 'run',
      id,
      file,
      args,
      options: {
        environment: additions,
        ...(directory !== undefined && { directory }),
        ...(timeout !== undefined && { timeout }),
        ...(maxOutput !== undefined && { maxOutput }),
        ...(overflow && { overflow }),
        feeds: stdin !== undefined,
        reads: [...(options.onStdout ? (['stdout'] as const) : []), ...(options.onStderr ? (['stderr'] as const) : [])],
      },
    })
    const abort = () => send(process, { type: 'abort', id })
    signal?.addEventListener('abort', abort, { once: true })
    if (typeof stdin === 'function') stdin(feeder(process, id))
    else if (stdin !== undefined) feeder(process, id).end(stdin)
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', abort)
      if (waiting.size === 0) process.channel?.unref()
    }
  }

  return {
    run: (file, args, options) => inPlace(options, rest => launch(file, args, rest)),
    async close() {
      if (!child) return
      closing = true
      child.ref()
      const ending = once(child, 'exit')
      child.disconnect()
      await ending
    },
  }
}

const feeder = (to: ChildProcess, id: number): Writable =>
  new Writable({
    decodeStrings: false,
    write(data: string | Uint8Array, _encoding, done) {
      send(to, { type: 'stdin', id, data })
      done()
    },
    final(done) {
      send(to, { type: 'stdin-end', id })
      done()
    },
  })

/** What can't be sent any more needs no answer: the end of the process is told to whoever waits. */
function send(to: ChildProcess, request: LaunchRequest): void {
  if (to.connected) to.send(request, () => {})
}
