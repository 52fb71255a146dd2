import { toSlipwayError } from '../domain/errors.ts'
import type { LaunchOptions, LaunchReply, LaunchRequest, OutputName } from './launcherMessages.ts'
import { runProcess } from './run.ts'

/** The process behind `createLauncher`. It ends with its parent, however that ends, and its children with it. */

interface Running {
  readonly stop: AbortController
  readonly stdin: PromiseWithResolvers<NodeJS.WritableStream>
  /** Resolved when the parent has taken the last piece of a stream. */
  readonly taken: Partial<Record<OutputName, () => void>>
}

const running = new Map<number, Running>()
const send = (reply: LaunchReply): void => {
  if (process.connected) process.send?.(reply, () => {})
}

process.on('message', (request: LaunchRequest) => {
  if (request.type === 'run') return void start(request.id, request.file, request.args, request.options)
  const one = running.get(request.id)
  if (request.type === 'abort') one?.stop.abort()
  else if (request.type === 'taken') one?.taken[request.stream]?.()
  else if (request.type === 'stdin') void one?.stdin.promise.then(pipe => pipe.write(request.data))
  else void one?.stdin.promise.then(pipe => pipe.end())
})
process.on('disconnect', () => {
  for (const { stop } of running.values()) stop.abort()
})

async function start(id: number, file: string, args: readonly string[], options: LaunchOptions): Promise<void> {
  const { feeds, reads, ...rest } = options
  const one: Running = { stop: new AbortController(), stdin: Promise.withResolvers(), taken: {} }
  running.set(id, one)
  const hand = (stream: OutputName) => (text: string) => {
    if (one.stop.signal.aborted) return
    send({ type: 'text', id, stream, text })
    const { promise, resolve } = Promise.withResolvers<void>()
    one.taken[stream] = resolve
    one.stop.signal.addEventListener('abort', () => resolve(), { once: true })
    return promise
  }
  try {
    const result = await runProcess(file, args, {
      ...rest,
      signal: one.stop.signal,
      ...(feeds && { stdin: one.stdin.resolve }),
      ...(reads.includes('stdout') && { onStdout: hand('stdout') }),
      ...(reads.includes('stderr') && { onStderr: hand('stderr') }),
    })
    send({ type: 'finished', id, result })
  } catch (error) {
    const { code, message } = toSlipwayError(error)
    send({ type: 'failed', id, code, message })
  }
  running.delete(id)
}
