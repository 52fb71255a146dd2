import { acceptanceOfKey } from '../domain/acceptance.ts'
import { SlipwayError } from '../domain/errors.ts'

/** Whom an error is about, for people and for machines. */
export interface About {
  readonly host: string
  readonly address: string
  /** Name its key is pinned under. */
  readonly keyName: string
  /** Fingerprints of the recorded keys. */
  readonly recorded: readonly string[]
}

const keyRefused =
  /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|host key is known for .* strict checking/
const loginRefused =
  /Permission denied|Too many authentication failures|Authentication failed|Load key |sign_and_send_pubkey|no mutual signature|account is (?:locked|expired|currently not available)/i
const ownFault =
  /Bad configuration option|Bad owner or permissions|terminating, .* bad configuration|ControlPath too long|too long for Unix domain socket/
const permanent =
  /Could not resolve hostname .*(?:not known|No address|nodename)|administratively prohibited|no matching (?:host key|key exchange|cipher|MAC)/i

/**
 * What ssh's own failure (exit 255) means.
 * @returns `host-key-changed`, `authentication-failed`, `host-unreachable` (with `transient` in its facts) or `internal`.
 */
export function sshError(stderr: string, about: About): SlipwayError {
  const lines = stderr.split(/\r?\n/).filter(line => line !== '' && !line.startsWith('debug'))
  const reason = lines.at(-1)?.slice(0, 300) ?? 'the connection ended without a word'
  const name = nameOf(about)
  if (keyRefused.test(stderr)) return hostKeyChanged(about, shownFingerprint(stderr) ?? 'of another kind')
  if (ownFault.test(stderr)) return new SlipwayError('internal', `ssh refuses its configuration: ${reason}`)
  if (loginRefused.test(stderr)) {
    const refused = lines.findLast(line => loginRefused.test(line)) ?? reason
    return new SlipwayError('authentication-failed', `${name} refuses the login: ${refused.slice(0, 300)}`, {
      facts: { host: about.host, step: 'login' },
    })
  }
  const transient = !permanent.test(stderr)
  return new SlipwayError('host-unreachable', `${name} cannot be reached: ${reason}`, {
    facts: { host: about.host, transient },
  })
}

/** @param shown fingerprint of the key that was shown */
export function hostKeyChanged(about: About, shown: string): SlipwayError {
  const recorded = about.recorded.join(', ') || 'none'
  return new SlipwayError('host-key-changed', `${nameOf(about)} shows host key ${shown}; recorded is ${recorded}`, {
    facts: { host: about.host, recorded, shown },
    remedy: `If it was reinstalled on purpose, take its new key: slipway apply -f FILE --accept ${acceptanceOfKey(about.keyName)}.`,
  })
}

const nameOf = (about: About): string =>
  about.host.endsWith(about.address) ? about.host : `${about.host} (${about.address})`

/** Fingerprint the host showed: from ssh's debug line, or from its warning. */
export const shownFingerprint = (stderr: string): string | undefined =>
  /Server host key: \S+ (SHA256:[A-Za-z0-9+/]{43})/.exec(stderr)?.[1] ??
  /sent by the remote host is\s+(SHA256:[A-Za-z0-9+/]{43})/.exec(stderr)?.[1]

/** What sudo's refusal means; stderr is sudo's, in the C locale. */
export function sudoError(stderr: string, host: string, user: string, passwordGiven: boolean): SlipwayError {
  const facts = { host, step: 'sudo' }
  const fail = (message: string, remedy: string) =>
    new SlipwayError('authentication-failed', `${host}: ${message}`, { facts, remedy })
  if (
    /a password is required|terminal is required to read the password|no password was provided/.test(stderr) &&
    !passwordGiven
  )
    return fail(`sudo wants a password for ${user}`, 'Give one with ssh.sudo_password_file, or allow sudo without it.')
  if (/not in the sudoers|not allowed to (?:execute|run)|may not run sudo/i.test(stderr))
    return fail(`${user} may not become root by sudo`, 'Add the user to the sudoers of the host.')
  if (/must have a tty/.test(stderr))
    return fail('sudo wants a terminal (requiretty)', 'Remove requiretty from the sudoers of the host.')
  if (/not found|No such file/.test(stderr))
    return fail('sudo is not installed', 'Install sudo on the host, or log in as root.')
  if (passwordGiven) return fail(`sudo refuses the password of ${user}`, 'Check the file in ssh.sudo_password_file.')
  return fail(`sudo failed: ${stderr.trim().split('\n').at(-1) ?? ''}`.slice(0, 300), 'Try `sudo -n true` on the host.')
}

/** Whether trying again can help: a lost or refused connection, not a refused key or password. */
export const isTransient = (error: unknown): boolean =>
  error instanceof SlipwayError && error.code === 'host-unreachable' && error.facts['transient'] === true
