import { setTimeout as after } from 'node:timers/promises'
import { SlipwayError } from '../../domain/errors.ts'
import { stopReason } from '../contract/stopping.ts'

const lostGrace = 500
/** ms for what the work has to say when its children were ended; never longer than its grace. */
const lastWord = 2000

/** How a piece of work under a time limit ended. */
export type Ending = { readonly ok: true } | { readonly ok: false; readonly error: unknown }

export interface Bounds {
  /** ms. */
  readonly timeout: number
  /** ms that the work may take to end after its signal. */
  readonly grace: number
  /** Stops the work from outside. */
  readonly signal: AbortSignal
  /** What the error names: `stage rke2/join:m2`. */
  readonly about: string
  /** Called when the work has not ended well, before this returns: nothing of it may be left running. */
  endChildren(how?: 'at-once'): Promise<unknown>
}

/**
 * Runs work under a time limit. Work that ignores its signal is left behind after a grace and its children are
 * ended: it can't hold up the run. The error is the time limit's or the outer signal's where one of them struck.
 */
export async function runBounded(work: (signal: AbortSignal) => Promise<void>, bounds: Bounds): Promise<Ending> {
  const limit = new AbortController()
  const signal = AbortSignal.any([bounds.signal, limit.signal])
  const timer = setTimeout(() => limit.abort(timeoutError(bounds)), bounds.timeout)
  const graceOver = Promise.withResolvers<void>()
  let graceTimer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    // A lost lease leaves no time: the next worker may start any moment.
    const grace = stopReason(bounds.signal) === 'lease-lost' ? Math.min(bounds.grace, lostGrace) : bounds.grace
    graceTimer = setTimeout(graceOver.resolve, grace)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  let ending: Ending | null = null
  const ended = (async () => {
    try {
      signal.throwIfAborted()
      await work(signal)
      ending = { ok: true }
    } catch (error) {
      ending = { ok: false, error }
    }
  })()
  await Promise.race([ended, graceOver.promise])
  clearTimeout(timer)
  clearTimeout(graceTimer)
  signal.removeEventListener('abort', onAbort)
  const reached: Ending | null = ending
  if (isSuccess(reached)) return reached
  const isLost = stopReason(bounds.signal) === 'lease-lost'
  await bounds.endChildren(isLost ? 'at-once' : undefined)
  if (!signal.aborted) return reached ?? { ok: true }
  // It hears of their end, and what they have left goes on record with it.
  if (reached === null && !isLost) await Promise.race([ended, after(Math.min(lastWord, bounds.grace))])
  return { ok: false, error: withCause(signal.reason, ending) }
}

const isSuccess = (ending: Ending | null): ending is { ok: true } => ending?.ok === true

const timeoutError = (bounds: Bounds): SlipwayError =>
  new SlipwayError('stage-timeout', `${bounds.about} did not finish in ${bounds.timeout / 1000} s`)

/** The time limit's error tells what the work itself said when it was stopped. */
function withCause(reason: unknown, ending: Ending | null): unknown {
  if (!(reason instanceof SlipwayError)) return reason
  const said = ending && !ending.ok ? ending.error : new Error('the work did not react to its signal')
  return said === reason ? reason : new SlipwayError(reason.code, reason.message, { cause: said })
}
