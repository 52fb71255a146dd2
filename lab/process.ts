import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { execa } from 'execa'
import { cgroupProcesses } from './cgroup.ts'
import { LabError } from './errors.ts'

/** Runs a program to its end and returns what it printed. A non-zero status is an error that carries its last words. */
export async function run(program: string, ...args: string[]): Promise<string> {
  const result = await execa(program, args, { reject: false, stdin: 'ignore' })
  if (result.failed) {
    const words = result.stderr.trim().split('\n').slice(-8).join('\n')
    throw new LabError(
      `${program} ${args.join(' ')} failed: ${words || result.message}`,
      'Look at the message above.',
      {
        cause: result,
      },
    )
  }
  return result.stdout
}

/** As `run`, with nothing thrown: for questions whose answer is the exit status. */
export async function succeeds(program: string, ...args: string[]): Promise<boolean> {
  const result = await execa(program, args, { reject: false, stdio: 'ignore' })
  return !result.failed
}

/**
 * Starts a process that outlives this one, in a session and a cgroup of its own, its output appended to `log`. It is in
 * the cgroup before its first instruction, and does not start when the group is gone by then.
 * It gets no environment but a PATH and what is given here: a host must not depend on who switched it on.
 */
export function startDetached(
  group: string,
  command: string[],
  log: string,
  environment: Record<string, string> = {},
): { hasEnded(): boolean } {
  const output = openSync(log, 'a', 0o600)
  try {
    const joining = 'echo $$ > "$0" && exec "$@"'
    const child = spawn('sh', ['-c', joining, cgroupProcesses(group), ...command], {
      detached: true,
      stdio: ['ignore', output, output],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...environment },
    })
    let couldNotStart = false
    child.on('error', () => {
      couldNotStart = true
    })
    child.unref()
    return { hasEnded: () => couldNotStart || child.exitCode !== null || child.signalCode !== null }
  } finally {
    closeSync(output)
  }
}
