import { setTimeout as delay } from 'node:timers/promises'
import { SlipwayError } from '../domain/errors.ts'
import type { HostAccess } from '../hosts/access.ts'

/** ms between two tries: sshd comes up within seconds, and its login a little later. */
const pause = 1000

/**
 * Tells the name of a machine that was made once its first boot is over: while cloud-init is at work it lets its login in
 * already, and starts sshd anew and installs packages beside whoever comes.
 */
export const nameAfterFirstBoot =
  "if cloud-init status 2>/dev/null | grep -q '^status: running'; then echo 'cloud-init is at work still' >&2; exit 1; fi; hostname"

/** What a machine says on its way up; anything else ends the waiting. */
const passing = new Set(['host-unreachable', 'authentication-failed', 'host-reply-invalid'])

/**
 * Waits until a machine lets its login in and runs a command. A new one refuses the login until cloud-init has made it.
 * @param seen told each time something else is seen.
 * @throws SlipwayError `host-key-changed`; the signal's reason when it was aborted.
 */
export async function untilAnswers(
  access: HostAccess,
  machine: string,
  command: string,
  { signal, seen }: { readonly signal: AbortSignal; seen(what: string): Promise<void> },
): Promise<string> {
  let last = ''
  for (;;) {
    signal.throwIfAborted()
    try {
      const { exitCode, stdout, stderr } = await access.run(machine, { command, signal, timeout: 30_000 })
      if (exitCode === 0) return stdout
      throw new SlipwayError('host-reply-invalid', `${machine}: ${stderr.trim() || `it ends with ${exitCode}`}`)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof SlipwayError) || !passing.has(error.code)) throw error
      if (error.message !== last) {
        last = error.message
        await seen(error.message)
      }
    }
    await delay(pause, undefined, { signal })
  }
}
