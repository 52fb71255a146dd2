import type { RunView } from '../view/runView.ts'
import { isAttended, paint, say } from '../terminal.ts'
import { dispatch, takeSignals } from '../signals.ts'
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
  /** From here on others listen; what was held is sent to them. */
  release(): void
}

/** Holds Ctrl-C and SIGTERM back, from before a run is started until it is followed: so it is never left unknown. */
export function holdSignals(): HeldSignals {
  const held: Parameters<typeof dispatch>[0][] = []
  const release = takeSignals(signal => void held.push(signal))
  return {
    release() {
      release()
      for (const signal of held.splice(0)) dispatch(signal)
    },
  }
}

/**
 * Ctrl-C while a run is followed: the first asks whether to detach or to cancel (without a terminal it cancels), the
 * second cancels, the third leaves. SIGTERM leaves: the run is gone on with by the next server.
 */
export function handleInterrupts(view: RunView, own: boolean, actions: InterruptActions): () => void {
  let pressed = 0
  let cancelled = false
  const cancel = (): void => {
    if (cancelled) return
    cancelled = true
    say('Cancelling the run …')
    actions.cancel()
  }
  const ask = async (): Promise<void> => {
    view.pause()
    say(question(own))
    const key = await keyPress()
    if (key === 'd') return actions.detach()
    if (key === 'c' || key === '\u0003') cancel()
    view.resume()
  }
  return takeSignals(signal => {
    if (signal === 'SIGTERM') return actions.leave()
    pressed += 1
    if (cancelled && pressed > 2) actions.leave()
    else if (pressed === 1 && isAttended()) void ask()
    else cancel()
  })
}

const question = (own: boolean): string =>
  own
    ? `${paint('bold', 'Interrupted.')} This command executes the run itself. d: stop here, to be resumed later   c: cancel it   any other key: go on`
    : `${paint('bold', 'Interrupted.')} d: detach, the run goes on   c: cancel the run   any other key: go on`
