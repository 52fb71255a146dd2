import { type ErrorCode, isErrorCode, SlipwayError } from '../domain/errors.ts'
import type { HostOutcome } from '../engine/contract/stage.ts'
import type { HostRecap, TaskEvent } from './events.ts'
import { briefly, sharedFindings } from './sharedFailures.ts'

/** What a play did on one host. */
export interface PlayedHost {
  readonly host: string
  /** `skipped`: the play never came to this host. */
  readonly outcome: HostOutcome
  readonly recap: HostRecap | null
  /** null when the host is as the play wants it. */
  readonly error: SlipwayError | null
}

/** Judges one host: it needs a result, without a failure, also without one that was rescued unless that is `ok`. */
export function judgeHost(
  host: string,
  recap: HostRecap | null,
  failure: TaskEvent | undefined,
  rescued?: 'ok',
): PlayedHost {
  if (recap && (recap.unreachable > 0 || (failure?.outcome === 'unreachable' && rescued !== 'ok')))
    return { host, outcome: 'unreachable', recap, error: hostError(host, failure) }
  if (recap && (recap.failed > 0 || (recap.rescued > 0 && rescued !== 'ok')))
    return { host, outcome: 'failed', recap, error: hostError(host, failure) }
  if (!recap || recap.ok + recap.changed + recap.skipped + recap.ignored === 0)
    return { host, outcome: 'skipped', recap, error: hostError(host, failure) }
  return { host, outcome: recap.changed > 0 ? 'changed' : 'ok', recap, error: null }
}

function hostError(host: string, failure: TaskEvent | undefined): SlipwayError {
  if (!failure)
    return new SlipwayError('playbook-failed', `${host}: the play ended without a result for this host`, {
      facts: { host },
    })
  const message = plainly(failure.message ?? 'no message')
  return new SlipwayError(codeOf(failure, message), `${host}: ${failure.task}: ${message}`, {
    facts: { host, task: failure.task },
  })
}

/** A host whose disk is full cannot even unpack a module; of a crash only the last line of Python's traceback is the reason. */
function plainly(message: string): string {
  if (/No usable temporary directory found|No space left on device/.test(message))
    return 'no space left on the host’s disk; nothing was changed by this task'
  const crash =
    /Traceback \(most recent call last\):[\s\S]*^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)\b.*)$/m.exec(
      message,
    )?.[1]
  const said = crash === undefined ? message : `the module crashed: ${crash} (the log has the whole traceback)`
  return said.length > longestMessage ? `${said.slice(0, longestMessage)} …` : said
}

/** Characters; the log has the rest. */
const longestMessage = 1000

/** What ssh and sudo say, and what it means. */
const sayings: readonly (readonly [RegExp, ErrorCode])[] = [
  [/Host key verification failed|HOST IDENTIFICATION HAS CHANGED/, 'host-key-changed'],
  [/Permission denied|Too many authentication failures/, 'authentication-failed'],
]
const sudoSayings =
  /(Missing|Incorrect) sudo password|sudo: (a password is required|\d+ incorrect password)|is not in the sudoers file|(?:password|account) (?:has |is |or password is )?expired|Password change required|account is (?:locked|currently not available)/i

function codeOf(failure: TaskEvent, message: string): ErrorCode {
  if (failure.fence !== undefined) return 'fence-refused'
  if (failure.code !== undefined && isErrorCode(failure.code)) return failure.code
  if (sudoSayings.test(message)) return 'authentication-failed'
  if (failure.outcome !== 'unreachable') return 'playbook-failed'
  return sayings.find(([pattern]) => pattern.test(message))?.[1] ?? 'host-unreachable'
}

/** One error for all hosts; hosts that were never reached are a consequence where another host failed. */
export function playError(hosts: readonly PlayedHost[]): SlipwayError | null {
  const failed = hosts.filter(host => host.error !== null)
  const causes = failed.some(host => host.outcome !== 'skipped')
    ? failed.filter(host => host.outcome !== 'skipped')
    : failed
  const first = causes[0]?.error
  if (!first) return null
  if (failed.length === 1) return first
  const codes = new Set(causes.map(host => host.error?.code))
  const code: ErrorCode = codes.has('fence-refused')
    ? 'fence-refused'
    : codes.size === 1
      ? first.code
      : 'playbook-failed'
  const findings = sharedFindings(failed)
  // One reason for all: what is known of the first host is known of all.
  const shared = findings.length === 1
  const count = `${failed.length} of ${hosts.length} hosts failed`
  return new SlipwayError(code, `${count}; first ${briefly(first.message)}`, {
    facts: { ...(shared && first.facts), host: causes[0]?.host ?? null, failed: failed.length, hosts: hosts.length },
    findings,
    ...(shared && { remedy: first.remedy }),
  })
}
