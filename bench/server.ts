import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type RunningServer, untilListening } from '../test/listening.ts'

export const root = resolve(import.meta.dirname, '..')
export const slipway = resolve(root, 'bin/slipway')

/** Starts `slipway serve` on a data folder and returns when it says that it is ready. */
export const serve = (home: string): Promise<RunningServer> =>
  startedServer(slipway, ['serve', '--port', '0', '-o', 'json'], { ...process.env, SLIPWAY_HOME: home })

/** Starts a server that prints a line of JSON with its URL once it is ready. */
export const startedServer = (
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<RunningServer> =>
  untilListening(spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] }))

/** Runs a command to its end and returns its exit code; output is dropped. */
export async function exitCode(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const [code] = await once(spawn(command, args, { env: environment, stdio: 'ignore' }), 'close')
  return typeof code === 'number' ? code : -1
}

/** Memory of a process alone, MB (10^6 bytes); what it shares with others counts in part. */
export async function ownMegabytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return (Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024) / 1e6
}

/** Memory of a process and its descendants, MB (10^6 bytes); what several of them share counts once. */
export async function proportionalMegabytes(pid: number): Promise<number> {
  const own = await ownMegabytes(pid)
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const below = await Promise.all(
    children
      .split(' ')
      .filter(Boolean)
      .map(child => proportionalMegabytes(Number(child))),
  )
  return below.reduce((sum, part) => sum + part, own)
}
