import { type RunDetail, runDetailShape } from '../../../contract/runs.ts'
import { exitCodes, SlipwayError } from '../../../domain/errors.ts'
import { shortHash } from '../../../domain/planHash.ts'
import type { Connected } from '../../client/withServer.ts'
import { followEvents } from '../../follow/followEvents.ts'
import { handleInterrupts, type HeldSignals } from '../../follow/interrupts.ts'
import { settleRun, showRunError } from '../../follow/settleRun.ts'
import { paint, printable, say } from '../../terminal.ts'
import { duration } from '../../view/duration.ts'
import { openMachinesView } from '../../view/machinesView.ts'

/** The run of a machine, to be followed behind its event `after`; absent: from its beginning. */
export interface MachineRun {
  readonly name: string
  readonly run: string
  readonly after?: number
}

export interface EndedRun {
  readonly name: string
  readonly status: string
  readonly exit: number
}

/** Follows each to its end, and says how all of them ended: one that fails is in no other's way. */
export async function followRuns(
  connected: Connected,
  runs: readonly MachineRun[],
  held: HeldSignals,
): Promise<readonly EndedRun[]> {
  const [first] = runs
  if (!first || runs.length > 1) return followSeveral(connected, runs, held)
  const { run, exit } = await settleRun(connected, first.run, first.after ?? 0, held)
  return [{ name: first.name, status: run?.status ?? 'running', exit }]
}

async function followSeveral(
  connected: Connected,
  runs: readonly MachineRun[],
  held: HeldSignals,
): Promise<readonly EndedRun[]> {
  const { client, own } = connected
  const view = openMachinesView(runs.map(({ name }) => name))
  const stop = new AbortController()
  const leave = () => stop.abort()
  const cancel = async (run: string) => {
    await client.post(`/runs/${run}/cancel`, {}, runDetailShape, stop.signal).catch((error: unknown) => {
      // It has ended in the meantime, and its events say how.
      if (!stop.signal.aborted && !(error instanceof SlipwayError && error.code === 'run-state'))
        say(`Run ${run} cannot be cancelled: ${error}`)
    })
  }
  const release = handleInterrupts(view, own, {
    detach: leave,
    leave,
    cancel: () => void Promise.all(runs.map(({ run }) => cancel(run))),
  })
  held.release()
  const follow = async ({ name, run, after = 0 }: MachineRun): Promise<RunDetail | null> => {
    for (let from = after; ; ) {
      for await (const event of followEvents(client, run, from, stop.signal, () => view.lost())) view.event(name, event)
      if (stop.signal.aborted) return null
      const detail = await client.get(`/runs/${run}`, runDetailShape)
      // Somebody else has let it go on, between its end and this look at it.
      if (detail.status === 'queued' || detail.status === 'running') from = detail.seq
      else {
        view.ended(name)
        return detail
      }
    }
  }
  const ended = await Promise.all(runs.map(async one => ({ ...one, detail: await follow(one) }))).finally(() => {
    release()
    view.end()
  })
  const told = ended.map(({ name, run, detail }) => ({
    name,
    status: detail?.status ?? 'running',
    exit: tellEnd({ name, run }, detail, own),
  }))
  if (told.length > 1) say(summary(told))
  return told
}

/** Gives the exit code. `detail` null: the user left. */
function tellEnd({ name, run }: Pick<MachineRun, 'name' | 'run'>, detail: RunDetail | null, own: boolean): number {
  if (detail === null) {
    say(
      own
        ? `Left run ${run} of ${name}. It stops here; go on with it: slipway resume ${run}`
        : `Left run ${run} of ${name}. The server goes on with it: slipway logs -f ${run}`,
    )
    return exitCodes.interrupted
  }
  const { title, started, ended } = detail
  const took = started && ended ? ` in ${duration(Date.parse(ended) - Date.parse(started))}` : ''
  switch (detail.status) {
    case 'completed':
      say(`${paint('green', '✔')} ${printable(title)}: completed${took} (run ${run})`)
      return exitCodes.done
    case 'cancelled':
      say(`${paint('yellow', '■')} ${printable(title)}: cancelled. Go on with it: slipway resume ${run}`)
      return exitCodes.cancelled
    case 'awaiting_approval':
      say(
        `${paint('yellow', '■')} ${printable(title)}: more would be done than was approved; see it with \`slipway runs --machine ${name} ${run}\`, and approve it: slipway approve ${run} ${shortHash(detail.pending_hash ?? '')}`,
      )
      return exitCodes.refused
    default:
      showRunError(detail)
      return new SlipwayError('run-failed', '').exitCode
  }
}

/** `2 of 3 machines are done; not done: m3` */
function summary(ended: readonly EndedRun[]): string {
  const left = ended.filter(({ status }) => status !== 'completed').map(({ name }) => name)
  const count = `${ended.length - left.length} of ${ended.length} machines are done`
  return left.length === 0 ? count : `${count}; not done: ${left.join(', ')}`
}
