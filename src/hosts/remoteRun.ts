import { SlipwayError } from '../domain/errors.ts'
import type { Limiter } from '../processes/limiter.ts'
import type { LaunchedOptions } from '../processes/launcher.ts'
import type { OnText, RunProcess } from '../processes/run.ts'
import { outputAfter, wrapCommand } from './remoteCommand.ts'
import { type About, sshError, sudoError } from './sshErrors.ts'
import type { HostTarget } from './target.ts'

export interface RemoteRequest {
  /** Shell command line; visible to every user of the host: never a secret. */
  readonly command: string
  /** Secrets and data go here. */
  readonly stdin?: string | Uint8Array
  /** Default: as the target says. */
  readonly sudo?: boolean
  readonly signal?: AbortSignal
  /** ms; default 60,000. The host ends the command too, 2 s later, even when the connection is gone. */
  readonly timeout?: number
  readonly onStdout?: OnText
  readonly onStderr?: OnText
  /** Characters of each stream; beyond it the command is ended and its reply refused. Default 1 Mi. */
  readonly maxOutput?: number
  /** Added to the environment of the local ssh: the attempt's marker. */
  readonly environment?: Readonly<Record<string, string>>
  /** It waits for something most of its time: it takes no place among the clients that run at once. */
  readonly waits?: boolean
}

export interface RemoteResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface RemotePath {
  readonly sshConfig: string
  readonly target: HostTarget
  readonly about: About
  readonly environment: Readonly<Record<string, string>>
  readonly clients: Limiter
  readonly launch: RunProcess<LaunchedOptions>
}

/** How long sudo may take to accept or refuse a password, ms (PAM waits two seconds after a wrong one). */
const sudoPatience = 20_000

/**
 * Runs a command on a host whose connection is open. A non-zero exit is a result.
 * @throws SlipwayError `host-unreachable`, `authentication-failed` (sudo), `stage-timeout`, `run-cancelled`,
 *   `host-reply-invalid`
 */
export async function remoteRun(path: RemotePath, request: RemoteRequest): Promise<RemoteResult> {
  const { target, about } = path
  const timeout = request.timeout ?? 60_000
  const sudo = request.sudo ?? target.sudo
  const wrapped = wrapCommand({
    command: request.command,
    stdin: request.stdin ?? '',
    sudo,
    sudoPassword: target.sudoPassword,
    timeout: timeout / 1000 + 2,
  })
  const output = outputAfter(wrapped.begin)
  let stdout = ''
  let stderr = ''
  const begun = Promise.withResolvers<void>()
  const refused = new AbortController()
  const finished = await path.launch('ssh', ['-F', path.sshConfig, '-T', target.hostname, wrapped.line], {
    environment: { ...path.environment, ...request.environment },
    timeout,
    ...(request.signal && { signal: request.signal }),
    maxOutput: request.maxOutput ?? 1024 * 1024,
    overflow: 'stop',
    ...(!request.waits && { limiter: path.clients }),
    onStdout: async text => {
      const own = output.take(text)
      if (output.begun) begun.resolve()
      stdout += own
      if (own !== '') await request.onStdout?.(own)
    },
    onStderr: async text => {
      stderr += text
      if (!output.begun && /try again|incorrect password/i.test(stderr)) refused.abort()
      if (output.begun) await request.onStderr?.(text)
    },
    stdin: pipe => {
      if (wrapped.password === undefined) return void pipe.end(wrapped.payload)
      pipe.write(wrapped.password)
      const giveUp = AbortSignal.any([refused.signal, AbortSignal.timeout(sudoPatience)])
      giveUp.addEventListener('abort', () => begun.reject(giveUp.reason), { once: true })
      begun.promise.then(
        () => {
          pipe.write(`${wrapped.begin}\n`)
          pipe.end(wrapped.payload)
        },
        // The end of the input makes sudo give up.
        () => pipe.end(),
      )
    },
  })
  begun.promise.catch(() => {})
  begun.resolve()
  switch (finished.end) {
    case 'timeout':
      throw new SlipwayError('stage-timeout', `${about.host}: a command did not end within ${timeout / 1000} s`, {
        facts: { host: about.host },
      })
    case 'cancelled':
      throw new SlipwayError('run-cancelled', `${about.host}: a command was cancelled`, {
        cause: request.signal?.reason,
      })
    case 'overflow':
      throw new SlipwayError('host-reply-invalid', `${about.host} sends more than it may`, {
        facts: { host: about.host },
      })
    case 'exited':
  }
  if (finished.exitCode === 255 || finished.exitCode === null) throw sshError(stderr, about)
  if (!output.begun) {
    if (sudo) throw sudoError(stderr, about.host, target.user, target.sudoPassword !== undefined)
    throw new SlipwayError(
      'authentication-failed',
      `${about.host}: the login does not run commands: ${lastLine(stderr)}`,
      {
        facts: { host: about.host, step: 'login' },
        remedy: `Give ${target.user} a POSIX shell on the host.`,
      },
    )
  }
  return { exitCode: finished.exitCode, stdout, stderr }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
