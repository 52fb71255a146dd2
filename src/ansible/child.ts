import { execa } from 'execa'
import { SlipwayError } from '../domain/errors.ts'

export interface ChildOptions {
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly onStdout: (text: string) => void
  readonly onStderr: (text: string) => void
  readonly onFd3: (text: string) => void
}

/** Runs a child and waits for it; descriptor 3 is a pipe to us. A non-zero exit is a result, not an error. */
export async function runChild(file: string, args: readonly string[], options: ChildOptions): Promise<number | null> {
  const child = execa(file, [...args], {
    env: { ...inherited(), LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', ...options.environment },
    extendEnv: false,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    buffer: false,
    reject: false,
    killDescendants: true,
    cancelSignal: options.signal,
    forceKillAfterDelay: 3000,
  })
  const listeners = [null, options.onStdout, options.onStderr, options.onFd3]
  for (const [descriptor, listener] of listeners.entries()) {
    const stream = child.stdio[descriptor]
    if (!listener || !stream || !('setEncoding' in stream)) continue
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => listener(text))
  }
  const result = await child
  if (result.exitCode === undefined && result.signal === undefined && !options.signal.aborted)
    throw new SlipwayError('tool-missing', `${file} cannot be started`, { cause: result.cause })
  return result.exitCode ?? null
}

const inherited = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'USER', 'LOGNAME', 'TZ', 'TMPDIR', 'SSH_AUTH_SOCK'].flatMap(name => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
