import type { MachineWish } from '../../../contract/machines.ts'
import { type Planned, plannedShape } from '../../../contract/plans.ts'
import { runDetailShape, startedRunShape } from '../../../contract/runs.ts'
import { exitCodes, SlipwayError } from '../../../domain/errors.ts'
import type { Connected } from '../../client/withServer.ts'
import { approval } from '../../follow/approval.ts'
import { followEvents } from '../../follow/followEvents.ts'
import { holdSignals } from '../../follow/interrupts.ts'
import { type OperateOptions } from '../../follow/operate.ts'
import { showRunError } from '../../follow/settleRun.ts'
import { printData, printLine } from '../../output.ts'
import { paint, printable, say } from '../../terminal.ts'
import { takeSignals } from '../../signals.ts'
import { busy } from '../../view/busy.ts'
import { eventText } from '../../view/eventText.ts'
import { plannedFindings, refusedPlan, showPlanned } from '../../view/showPlanned.ts'

/** What is to become of one machine. */
export interface NamedWish extends MachineWish {
  readonly name: string
}

export interface MachinesOptions extends Omit<OperateOptions, 'accept' | 'confirm' | 'supersede'> {
  /** What was typed, without the approval. */
  readonly command: string
  /** Is told each machine that this call has put on record: there was none of its name before. */
  readonly made?: (machine: string) => void
}

/**
 * Plans what is to become of machines, asks once, carries it out for all of them side by side and follows each to its end:
 * one that fails is in no other's way. Gives the exit code.
 */
export async function operateMachines(
  connected: Connected,
  wishes: readonly NamedWish[],
  options: MachinesOptions,
): Promise<number> {
  const { client } = connected
  const path = (name: string) => `/machines/${encodeURIComponent(name)}`
  const looking = Promise.all(
    wishes.map(async ({ name, ...wish }) => ({
      name,
      wish,
      planned: await client.post(`${path(name)}/plans`, wish, plannedShape),
    })),
  )
  const plans = await busy(`Looking at ${namesText(wishes)}`, looking)
  if (options.dryRun) {
    let exit: number = exitCodes.done
    for (const { planned } of plans) exit = Math.max(exit, await showPlanned(planned, options))
    return exit
  }
  for (const { planned } of plans) for (const line of plannedFindings(planned, undefined)) say(line)
  const blocked = plans.find(({ planned }) => planned.blocked)
  if (blocked) throw refusedPlan(blocked.planned)
  const toDo = plans.filter(({ planned }) => planned.has_changes || planned.stores)
  for (const { name } of plans.filter(one => !toDo.includes(one)))
    if (options.output === 'table') printLine(`${name}: nothing to do`)
  const together = togetherOf(toDo.map(({ planned }) => planned))
  if (together) await approval(together, options, options.command)
  const held = holdSignals()
  const started = await Promise.all(
    toDo.map(async ({ name, wish, planned }) => {
      const { run } = await client.post(
        `${path(name)}/runs`,
        { ...wish, approve: planned.hash },
        startedRunShape,
        held.signal,
      )
      // The server has taken the very plan that was made for a machine that is not on record.
      if (run !== null && planned.stores && planned.desired_version === 1) options.made?.(name)
      return { name, run, planned }
    }),
  )
  const ended = await followRuns(
    connected,
    started.flatMap(({ name, run }) => (run === null ? [] : [{ name, run }])),
    held,
  )
  if (options.output !== 'table')
    await printData(
      options.output === 'json' ? 'json' : 'yaml',
      plans.map(({ name, planned }) => {
        const of = started.find(one => one.name === name)
        const end = ended.find(one => one.name === name)
        return {
          machine: name,
          plan_hash: planned.hash,
          has_changes: planned.has_changes,
          run: of?.run ?? null,
          status: end?.status ?? null,
        }
      }),
    )
  return ended.reduce((exit: number, one) => Math.max(exit, one.exit), exitCodes.done)
}

const namesText = (wishes: readonly NamedWish[]): string =>
  wishes.length === 1 ? `machine ${wishes[0]?.name}` : `${wishes.length} machines`

/** Plans of several machines as the one that is asked about; null: nothing is to be done. */
function togetherOf(plans: readonly Planned[]): Planned | null {
  const [first] = plans
  if (!first || plans.length === 1) return first ?? null
  return { ...first, title: `${plans.length} machines`, stages: plans.flatMap(({ stages }) => stages) }
}

interface Ended {
  readonly name: string
  readonly status: string
  readonly exit: number
}

/** Runs of machines to their ends, side by side. */
export async function followRuns(
  { client, own }: Connected,
  runs: readonly { readonly name: string; readonly run: string }[],
  held: ReturnType<typeof holdSignals>,
): Promise<readonly Ended[]> {
  const stop = new AbortController()
  const release = takeSignals(() => stop.abort())
  held.release()
  try {
    return await Promise.all(runs.map(one => follow(one)))
  } finally {
    release()
  }

  async function follow({ name, run }: { readonly name: string; readonly run: string }): Promise<Ended> {
    for await (const event of followEvents(client, run, 0, stop.signal))
      say(`${paint('dim', `${name}:`)} ${printable(eventText(event))}`)
    if (stop.signal.aborted) {
      say(
        own
          ? `Left run ${run} of ${name}. It stops here; go on with it: slipway resume ${run}`
          : `Left run ${run} of ${name}. The server goes on with it: slipway logs -f ${run}`,
      )
      return { name, status: 'running', exit: exitCodes.interrupted }
    }
    const detail = await client.get(`/runs/${run}`, runDetailShape)
    if (detail.status === 'completed') {
      say(`${paint('green', '✔')} ${detail.title}: completed (run ${run})`)
      return { name, status: detail.status, exit: exitCodes.done }
    }
    if (detail.status === 'cancelled') {
      say(`${paint('yellow', '■')} Run ${run} was cancelled. Go on with it: slipway resume ${run}`)
      return { name, status: detail.status, exit: exitCodes.cancelled }
    }
    if (detail.status === 'awaiting_approval') {
      say(`Run ${run} waits for an approval: slipway approve ${run} ${detail.pending_hash ?? ''}`)
      return { name, status: detail.status, exit: exitCodes.refused }
    }
    showRunError(detail)
    return { name, status: detail.status, exit: new SlipwayError('run-failed', '').exitCode }
  }
}
