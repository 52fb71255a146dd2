import type { RunView } from '../view/runView.ts'
import { isAttended, paint, say } from '../terminal.ts'
import { dispatch, type Signal, takeSignals } from '../signals.ts'
import { Interrupted } from '../interrupted.ts'
import { keyPress } from './keyPress.ts'

export interface InterruptActions {
  /** Leaves the run to the server. */
  detach(): void
  /** Asks the server to cancel; the run is followed until it has ended. */
  cancel(): void
  /** Leaves at once, whatever the run does. */
  leave(): void
}

/** Signals that came while nobody could say yet what they are to do. */
export interface HeldSignals {
  /** Aborted with `Interrupted` by a second one: for requests that the server leaves without an answer. */
  readonly signal: AbortSignal
  /** From here on others listen; what was held is sent to them. */
  release(): void
}

/** Holds signals back, from before a run is started until it is followed: so it is never left unknown. */
export function holdSignals(cluster = 'CLUSTER'): HeldSignals {
  const held: Signal[] = []
  const given = new AbortController()
  const release = takeSignals(signal => {
    held.push(signal)
    if (held.length === 1) return say('Waiting for the answer of the server … (once more leaves without it)')
    if (!given.signal.aborted) say(`Left without it: \`slipway runs ${cluster}\` says whether a run goes on.`)
    given.abort(new Interrupted())
  })
  return {
    signal: given.signal,
    release() {
      release()
      for (const signal of held.splice(0)) dispatch(signal)
    },
  }
}

/**
 * Ctrl-C while a run is followed asks whether to detach or to cancel, a second one cancels, the next one leaves. Without
 * a terminal nobody can be asked: SIGINT leaves there as SIGTERM and the end of the terminal do anywhere, and the run is
 * gone on with by the next server.
 * The function returned is called when the run has ended, and takes an open question back.
 */
export function handleInterrupts(
  view: Pick<RunView, 'pause' | 'resume'>,
  own: boolean,
  actions: InterruptActions,
): () => void {
  let asking: AbortController | null = null
  let cancelled = false
  const cancel = (): void => {
    cancelled = true
    say('Cancelling the run … (Ctrl-C again leaves without waiting for it)')
    actions.cancel()
  }
  const ask = async (): Promise<void> => {
    asking = new AbortController()
    view.pause()
    for (const line of question(own)) say(line)
    const key = await keyPress(asking.signal)
    asking = null
    if (key === 'd' || key === null) return actions.detach()
    if (key === 'c' || key === '\u0003') cancel()
    view.resume()
  }
  const release = takeSignals(signal => {
    if (signal !== 'SIGINT' || cancelled || !isAttended()) {
      actions.leave()
    } else if (asking !== null) {
      cancel()
    } else {
      void ask()
      return
    }
    asking?.abort()
  })
  return () => {
    asking?.abort()
    release()
  }
}

const question = (own: boolean): string[] => [
  `${paint('bold', 'Interrupted.')} ${own ? 'This command executes the run itself.' : 'The run goes on meanwhile.'}`,
  own ? '  d: stop here, to be resumed later' : '  d: detach; the server goes on with the run',
  '  c: cancel the run',
  '  any other key: go on',
]
