import { SlipwayError } from '../domain/errors.ts'
import type { Limiter } from '../processes/limiter.ts'
import type { LaunchedOptions } from '../processes/launcher.ts'
import type { OnText, RunProcess } from '../processes/run.ts'
import { outputAfter, wrapCommand } from './remoteCommand.ts'
import { loginRefusal, shortened } from './loginRefusals.ts'
import { type About, sshError } from './sshErrors.ts'
import { sudoError } from './sudoErrors.ts'
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
  if (!output.begun) throw notBegun(path, sudo, { stderr, noise: output.noise })
  refuseNoise(about.host, target.user, output.noise)
  return { exitCode: finished.exitCode, stdout, stderr }
}

/** What stood in the way of a command: the account, its shell, or sudo. */
function notBegun(
  { target, about }: RemotePath,
  sudo: boolean,
  given: { readonly stderr: string; readonly noise: string },
): SlipwayError {
  const { host } = about
  const { user, sudoPassword } = target
  // A shell that is none may repeat what it was given.
  const masked = (text: string) => (sudoPassword ? text.replaceAll(sudoPassword, '***') : text)
  const stderr = masked(given.stderr)
  const noise = masked(given.noise)
  const facts = { host, step: 'login' }
  const refusal = loginRefusal(`${noise}\n${stderr}`, about)
  if (refusal)
    return new SlipwayError('authentication-failed', `${host} refuses the login: ${refusal.message}`, {
      facts,
      remedy: refusal.remedy,
    })
  // sudo always says something; a shell that runs nothing may not.
  if (sudo && stderr.trim() !== '') return sudoError(stderr, { host, user, passwordGiven: sudoPassword !== undefined })
  const word = lastLine(stderr) || lastLine(noise) || 'it ends without a word'
  return new SlipwayError('authentication-failed', `${host}: the login of ${user} runs no commands: ${word}`, {
    facts,
    remedy: `Give ${user} a POSIX shell on the host, as root: usermod -s /bin/sh ${user}.`,
  })
}

/**
 * Ansible takes the first line that begins with a brace for a module's reply, and a login that prints one would fail a
 * play after the host was changed: better refused at the first look. Other noise harms nobody.
 */
function refuseNoise(host: string, user: string, noise: string): void {
  const line = noise.split('\n').find(each => each.trimStart().startsWith('{'))
  if (line === undefined) return
  throw new SlipwayError(
    'host-reply-invalid',
    `${host}: the login of ${user} prints ${JSON.stringify(shortened(line).slice(0, 80))} before any command, which Ansible would take for the reply of its own`,
    {
      facts: { host, step: 'login' },
      remedy: `Let ~${user}/.bashrc and /etc/bash.bashrc print for people only: put \`[ -t 1 ] || return\` before it.`,
    },
  )
}

const lastLine = (text: string): string => shortened(text.trim().split('\n').at(-1) ?? '').slice(0, 200)
