import { hostname, userInfo } from 'node:os'
import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'

/** A lock of a state, as its backend tells it. */
export interface StateLock {
  readonly id: string
  /** `root@build-3` */
  readonly who: string
  readonly operation: string
  /** ms since 1970. */
  readonly created: number
}

/** When a command of ours may have taken a lock. */
export interface LockWindow {
  /** `USER@HOST` of the command. */
  readonly who: string
  /** ISO 8601: no lock of it is older. */
  readonly since: string
}

/** As OpenTofu and Terraform sign their locks. */
export const signature = (): string => `${userName()}@${hostname()}`

/** In a container the user may have no entry anywhere. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return process.env['USER'] ?? ''
  }
}

/** The lock that stood in the way of a command, by what that has said. Null: it was none. */
export function lockIn(said: string): StateLock | null {
  const text = said.replace(/^[│╷╵]\s?/gm, '')
  if (!/Error acquiring the state lock|Lock Info:/.test(text)) return null
  const field = (name: string): string => new RegExp(`^\\s*${name}:[ \\t]*(.*?)\\s*$`, 'm').exec(text)?.[1] ?? ''
  return { id: field('ID'), who: field('Who'), operation: field('Operation'), created: instant(field('Created')) }
}

/** `2026-11-30 19:10:43.123456789 +0000 UTC`, as Go writes it. */
function instant(text: string): number {
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d* \+0000/.exec(text) ?? []
  return day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`)
}

const jsonShape = z.object({ ID: z.string(), Who: z.string(), Operation: z.string(), Created: z.string() })

/** A lock as OpenTofu sends it to a server; null: it is none. */
export function lockInJson(text: string): StateLock | null {
  try {
    const { ID: id, Who: who, Operation: operation, Created: created } = jsonShape.parse(JSON.parse(text))
    return { id, who, operation, created: Date.parse(created) }
  } catch {
    return null
  }
}

/**
 * A command of ours that was killed has left it. Within the window of one nobody else can have locked the state, since that
 * command had done so; its own host is this one, where nothing of it is at work any more.
 */
export const isLeftByOurs = (lock: StateLock, window: LockWindow | null): boolean =>
  window !== null &&
  lock.id !== '' &&
  window.who === signature() &&
  lock.who === window.who &&
  lock.created >= Date.parse(window.since)

/**
 * @param of `machine w1`.
 * @param begun when the command was started, ms since 1970: some backends tell of a lock that is in the way only the
 *   particulars of the one that was asked for.
 */
export function stateLocked(of: string, place: string, lock: StateLock, begun: number): SlipwayError {
  if (lock.id === '' || lock.created >= begun)
    return new SlipwayError(
      'terraform-state-locked',
      `the Terraform state of ${of} is locked in ${place}, which does not tell by whom`,
      { remedy: 'Wait until they are done, then go on with `slipway resume`: the lock goes with their connection.' },
    )
  const { id, who, operation, created } = lock
  const since = Number.isNaN(created) ? '' : ` since ${new Date(created).toISOString()}`
  return new SlipwayError(
    'terraform-state-locked',
    `the Terraform state of ${of} is locked in ${place} by ${who || 'somebody'}${since}${operation && ` (${operation})`}; the lock is ${id}`,
    {
      facts: { lock: id, who, operation, created: Number.isNaN(created) ? 0 : created },
      remedy: `Wait until they are done, then go on with \`slipway resume\`. Where nobody is at it any more: \`slipway ${of.replace(' ', ' unlock ')} --lock ${id}\`.`,
    },
  )
}

const factShape = z.object({ lock: z.string(), who: z.string(), operation: z.string(), created: z.number() })

/** The lock that an error tells of; null: another error, or one that tells of none. */
export function lockOf(error: unknown): StateLock | null {
  if (!(error instanceof SlipwayError) || error.code !== 'terraform-state-locked') return null
  const facts = factShape.safeParse(error.facts).data
  return facts ? { id: facts.lock, who: facts.who, operation: facts.operation, created: facts.created } : null
}
