import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'

export const root = resolve(import.meta.dirname, '..')
export const slipway = resolve(root, 'bin/slipway')

export interface RunningServer {
  readonly url: string
  readonly process: ChildProcess
  /** Ends it as a user would (SIGTERM) and waits for it. */
  stop(): Promise<void>
  /** Ends it as a power switch would. */
  kill(): Promise<void>
}

/** Starts `slipway serve` on a data folder and returns when it says that it is ready. */
export const serve = (home: string): Promise<RunningServer> =>
  startedServer(slipway, ['serve', '--port', '0', '-o', 'json'], { ...process.env, SLIPWAY_HOME: home })

/** Starts a server that prints a line of JSON with its URL once it is ready. */
export async function startedServer(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<RunningServer> {
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] })
  const closed = once(child, 'close')
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal)
    await closed
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(line))
    return { url, process: child, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
  }
  throw new Error(`${command} ended with ${child.exitCode} before it was ready`)
}

/** Runs a command to its end and returns its exit code; output is dropped. */
export async function exitCode(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const [code] = await once(spawn(command, args, { env: environment, stdio: 'ignore' }), 'close')
  return typeof code === 'number' ? code : -1
}

/** Resident memory of a process and its descendants, MB (10^6 bytes). */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const below = await Promise.all(
    children
      .split(' ')
      .filter(Boolean)
      .map(child => residentMegabytes(Number(child))),
  )
  return below.reduce((sum, part) => sum + part, (own * 1024) / 1e6)
}
