import type { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import type { HostAccess } from './access.ts'
import { fencedCommand, type FenceMark, refusedByFence } from './fenceMark.ts'
import { archive, bootstrap } from './pythonArchive.ts'
import type { RemoteRequest } from './remoteRun.ts'

export interface PythonRequest extends Omit<RemoteRequest, 'command' | 'stdin' | 'onStdout'> {
  /** Of the package for hosts (python/slipway), as Python names it: `slipway.ports`. Its `main` prints JSON lines. */
  readonly module: string
  /** Given to it on standard input: may hold secrets. */
  readonly arguments: unknown
  /** Runs under the host's shared lock, and only when the host's fence is this one. */
  readonly fence?: FenceMark
  /** Called for each `{"progress": "…"}` line. */
  readonly onProgress?: (message: string) => void | Promise<void>
}

/** Exit code of a script that its own alarm has ended: 128 + SIGALRM. */
const endedByAlarm = 142

/**
 * Runs a module of our Python package on a host and parses the last line it prints.
 * @throws SlipwayError `host-reply-invalid` when the reply isn't JSON of the schema's shape, `tool-missing` without
 *   python3, `fence-refused`, and what `HostAccess.run` throws.
 */
export async function runPython<Schema extends z.ZodType>(
  access: HostAccess,
  hostname: string,
  request: PythonRequest,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const { module, arguments: given, fence, onProgress, ...rest } = request
  const command = `${bootstrap()} ${module}`
  const progress = onProgress && progressLines(onProgress)
  const result = await access.run(hostname, {
    ...rest,
    command: fence ? fencedCommand(fence, command) : command,
    stdin: Buffer.concat([archive(), Buffer.from(JSON.stringify(given))]),
    ...(progress && { onStdout: progress }),
  })
  const last = result.stdout.trimEnd().split('\n').at(-1) ?? ''
  const refused = refusedByFence(hostname, last)
  if (refused) throw refused
  if (result.exitCode === 127)
    throw new SlipwayError('tool-missing', `${hostname} has no python3`, { remedy: 'Install python3 on the host.' })
  if (result.exitCode === endedByAlarm)
    throw new SlipwayError('stage-timeout', `${hostname}: a script of ours did not end in its time on the host`, {
      facts: { host: hostname },
    })
  const parsed = schema.safeParse(parseJson(last))
  if (parsed.success) return parsed.data
  const trace = result.stderr.trim().split('\n').at(-1)?.slice(0, 300)
  throw new SlipwayError(
    'host-reply-invalid',
    trace
      ? `${hostname}: ${trace}`
      : `${hostname} answers with ${JSON.stringify(last.slice(0, 80))}: ${firstIssue(parsed.error)}`,
    { facts: { host: hostname, exit: result.exitCode }, cause: parsed.error },
  )
}

const firstIssue = (error: z.ZodError): string => {
  const [issue] = error.issues
  return issue ? `${issue.path.join('.') || 'reply'}: ${issue.message}` : 'not understood'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function progressLines(onProgress: (message: string) => void | Promise<void>): (text: string) => Promise<void> {
  let rest = ''
  return async text => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const value = parseJson(line)
      if (typeof value === 'object' && value !== null && 'progress' in value && typeof value.progress === 'string')
        await onProgress(value.progress)
    }
  }
}
