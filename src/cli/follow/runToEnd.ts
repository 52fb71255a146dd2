import { type RunDetail, runDetailShape } from '../../contract/runs.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { Connected } from '../client/withServer.ts'
import { isDrawable, say } from '../terminal.ts'
import { openRunView } from '../view/runView.ts'
import { followEvents } from './followEvents.ts'
import { followLog } from './followLog.ts'
import { handleInterrupts, type HeldSignals, holdSignals } from './interrupts.ts'

/** How following a run came to its end. */
export type RunEnd =
  | { readonly kind: 'rested'; readonly run: RunDetail }
  /** The user left; the run goes on, or is left to be resumed. */
  | { readonly kind: 'left' }

/**
 * Follows a run from its event `after` on until nobody works on it any more: it ended, or waits for an approval. Ctrl-C
 * is handled meanwhile.
 */
export async function runToEnd(
  { client, own }: Connected,
  id: string,
  after: number,
  held: HeldSignals = holdSignals(),
): Promise<RunEnd> {
  const run = await client.get(`/runs/${id}`, runDetailShape, held.signal)
  const view = openRunView(run)
  const stop = new AbortController()
  let left = false
  const leave = () => {
    left = true
    stop.abort()
  }
  const cancel = () =>
    client.post(`/runs/${id}/cancel`, {}, runDetailShape, stop.signal).catch((error: unknown) => {
      // It has ended in the meantime, and the events say how; or nobody waits for it any more.
      if (!stop.signal.aborted && !(error instanceof SlipwayError && error.code === 'run-state'))
        say(`The run cannot be cancelled: ${error}`)
    })
  const release = handleInterrupts(view, own, { detach: leave, leave, cancel: () => void cancel() })
  // What came since the run was started is for the handler that is there now.
  held.release()
  const log = isDrawable() ? showLog() : Promise.resolve()
  try {
    for await (const event of followEvents(client, id, after, stop.signal, () => view.lost())) view.event(event)
  } finally {
    stop.abort()
    release()
    await log
    view.end()
  }
  return left ? { kind: 'left' } : { kind: 'rested', run: await client.get(`/runs/${id}`, runDetailShape) }

  async function showLog(): Promise<void> {
    try {
      for await (const piece of followLog(client, { run: id, follow: true }, stop.signal)) view.log(piece)
    } catch {
      // The log's tail is an extra; the events say what matters.
    }
  }
}
