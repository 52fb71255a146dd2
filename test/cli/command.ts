import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'

export const slipwayCommand = resolve(import.meta.dirname, '../../bin/slipway')

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder with a data folder in it, in which the command line is run as a user does. */
export interface Desk extends AsyncDisposable {
  readonly folder: string
  readonly home: string
  readonly environment: NodeJS.ProcessEnv
  /** Runs a command to its end; `input` is written to its standard input. */
  slipway(args: readonly string[], input?: string): Promise<Ended>
  start(args: readonly string[]): ChildProcess
}

export async function openDesk(environment: NodeJS.ProcessEnv = {}): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-desk-'))
  const home = join(folder, 'home')
  const variables = { ...process.env, NO_COLOR: '1', CI: '', ...environment, SLIPWAY_HOME: home }
  const start = (args: readonly string[]) =>
    spawn(slipwayCommand, args, { cwd: folder, env: variables, stdio: ['pipe', 'pipe', 'pipe'] })
  return {
    folder,
    home,
    environment: variables,
    start: args => start(args),
    async slipway(args, input) {
      const child = start(args)
      child.stdin.on('error', () => {})
      child.stdin.end(input ?? '')
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
      return { code: typeof code === 'number' ? code : -1, stdout, stderr }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
