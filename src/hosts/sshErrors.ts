import { acceptanceOfKey } from '../domain/acceptance.ts'
import { SlipwayError } from '../domain/errors.ts'
import { type Login, loginRefusal, shortened } from './loginRefusals.ts'

/** Whom an error is about, for people and for machines. */
export interface About extends Login {
  readonly host: string
  readonly address: string
  /** Of the last jump host on the way: `jump host 10.0.0.5`. */
  readonly through?: string
  /** Name its key is pinned under. */
  readonly keyName: string
  /** Fingerprints of the recorded keys. */
  readonly recorded: readonly string[]
  /** What to do where another key is shown; absent: it is accepted with the cluster file. */
  readonly keyRemedy?: string
}

const keyRefused =
  /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|host key is known for .* strict checking/
const ownFault =
  /Bad configuration option|Bad owner or permissions|terminating, .* bad configuration|ControlPath too long|too long for Unix domain socket/
/** Said of a moment: sshd turns strangers away when many come at once (MaxStartups), and ends connections when it restarts. */
const passing =
  /Connection (?:closed|reset) by|closed by remote host|No route to host|Temporary failure in name resolution/

/**
 * What ssh's own failure (exit 255) means.
 * @returns `host-key-changed`, `authentication-failed`, `host-unreachable` (its fact `passing`: see `isPassing`) or `internal`.
 */
export function sshError(stderr: string, about: About): SlipwayError {
  const lines = stderr.split(/\r?\n/).filter(line => line !== '' && !line.startsWith('debug'))
  const reason = shortened(
    lines.findLast(line => !emptyWords.test(line)) ?? lines.at(-1) ?? 'the connection ended without a word',
  )
  const name = nameOf(about)
  if (keyRefused.test(stderr)) return hostKeyChanged(about, shownFingerprint(stderr) ?? 'of another kind')
  if (ownFault.test(stderr)) return new SlipwayError('internal', `ssh refuses its configuration: ${reason}`)
  const refusal = loginRefusal(stderr, about)
  if (refusal)
    return new SlipwayError('authentication-failed', `${name} refuses the login: ${refusal.message}`, {
      facts: { host: about.host, step: 'login' },
      remedy: refusal.remedy,
    })
  const way = about.through === undefined ? '' : ` through ${about.through}`
  return new SlipwayError('host-unreachable', `${name} cannot be reached${way}: ${reason}`, {
    // No node: it cannot be left out.
    ...(about.keyName !== about.host && {
      remedy:
        'Check the address, the network and sshd on that host; then plan again, or `slipway resume` a run that failed.',
    }),
    facts: {
      host: about.host,
      passing: passing.test(reason),
      ...(about.through !== undefined && { through: about.through }),
    },
  })
}

/** They follow the reason, and of a way through a jump host they name neither host. */
const emptyWords = /^Connection closed by UNKNOWN|^stdio forwarding failed|^Connection to UNKNOWN/

/** @param shown fingerprint of the key that was shown */
export function hostKeyChanged(about: About, shown: string): SlipwayError {
  const recorded = about.recorded.join(', ') || 'none'
  return new SlipwayError('host-key-changed', `${nameOf(about)} shows host key ${shown}; recorded is ${recorded}`, {
    facts: { host: about.host, recorded, shown },
    remedy:
      about.keyRemedy ??
      `If it was reinstalled on purpose, take its new key: slipway apply -f FILE --accept ${acceptanceOfKey(about.keyName)}.`,
  })
}

const nameOf = (about: About): string =>
  about.host.endsWith(about.address) ? about.host : `${about.host} (${about.address})`

/** Fingerprint the host showed: from ssh's debug line, or from its warning. */
export const shownFingerprint = (stderr: string): string | undefined =>
  /Server host key: \S+ (SHA256:[A-Za-z0-9+/]{43})/.exec(stderr)?.[1] ??
  /sent by the remote host is\s+(SHA256:[A-Za-z0-9+/]{43})/.exec(stderr)?.[1]

/** Whether it may be another matter a moment later, without anybody's doing. */
export const isPassing = (error: unknown): boolean =>
  error instanceof SlipwayError && error.code === 'host-unreachable' && error.facts['passing'] === true
