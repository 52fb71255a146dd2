import { eventText } from './eventText.ts'
import { withoutHost } from '../../domain/withoutHost.ts'
import type { RunEvent } from '../../contract/events.ts'

type Said = Pick<RunEvent, 'type' | 'host' | 'message'> & Partial<Pick<RunEvent, 'data'>>

/** Gives the message of an event. */
export type Told = (event: Said) => string

/** Types that say why something failed: of a host, then of its stage, then of the run. */
const reasons: ReadonlySet<RunEvent['type']> = new Set(['host-result', 'stage-failed', 'stage-retried', 'run-failed'])
/** Characters; what is shorter may be said again. */
const shortest = 60

/**
 * Gives the message of each event without the host that stands before it. What a host has failed of is told in full
 * once: it comes again with every host that fails of the same, with its stage and with the run, and at last in the
 * findings.
 */
export function toldOnce(): Told {
  /** Reason → the host that it was told of, `null` where it was none. */
  const told = new Map<string, string | null>()
  return event => {
    const { type, host } = event
    const message = eventText({ data: null, ...event })
    const own = host === null ? message : withoutHost(message, host)
    if (!reasons.has(type) || own.length < shortest) return own
    for (const [reason, first] of told) {
      const shortened = withoutReason(
        own,
        reason,
        host === null || first === null || first === host ? 'as told above' : `the same as ${first}`,
      )
      if (shortened !== null) return shortened
    }
    // Which host it was, and the code of the error, may stand before it elsewhere, or something else.
    told.set(own.replace(/^(?:[^\s:]+: )+/, ''), host)
    return own
  }
}

/** Null where the reason is not in the message; a title above several hosts has the beginning of it, and ends with `…`. */
function withoutReason(message: string, reason: string, instead: string): string | null {
  if (message.includes(reason)) return message.replace(reason, () => instead)
  const at = message.indexOf(reason.slice(0, shortest))
  if (at < 0 || !message.endsWith(' …')) return null
  return reason.startsWith(message.slice(at, -2)) ? message.slice(0, at) + instead : null
}
