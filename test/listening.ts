import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { z } from 'zod'

/** A server that was started by a test, a benchmark or the demo, and takes requests. */
export interface RunningServer {
  readonly url: string
  readonly pid: number
  /** Ends it as a user would (SIGTERM), and waits for it. */
  stop(): Promise<void>
  /** Ends it as a power switch would, and waits for it. */
  kill(): Promise<void>
}

const firstLine = z.object({ url: z.string() })

/**
 * Resolves when a child that was started as `slipway serve -o json` has printed its URL. Its standard output must be a
 * pipe. `signal` hands a signal to the server, where that is not the child itself.
 * @throws Error when it ends before that.
 */
export async function untilListening(
  child: ChildProcess,
  signal: (name: NodeJS.Signals) => unknown = name => child.kill(name),
): Promise<RunningServer> {
  const { stdout, pid } = child
  if (!stdout || pid === undefined) throw new Error('the server was not started with a pipe for what it prints')
  const closed = once(child, 'close')
  const end = async (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) signal(name)
    await closed
  }
  for await (const line of createInterface({ input: stdout })) {
    const { url } = firstLine.parse(JSON.parse(line))
    // Whatever else it prints must not fill the pipe.
    stdout.resume()
    return { url, pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
  }
  await closed
  throw new Error(`the server ended with ${child.exitCode ?? child.signalCode} before it was ready`)
}
