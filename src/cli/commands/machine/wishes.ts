import type { MachineWish } from '../../../contract/machines.ts'
import { plannedShape } from '../../../contract/plans.ts'
import { pageOf } from '../../../contract/page.ts'
import { runShape, startedRunShape } from '../../../contract/runs.ts'
import { exitCodes, SlipwayError } from '../../../domain/errors.ts'
import type { Client } from '../../client/client.ts'
import type { Connected } from '../../client/withServer.ts'
import { askFor } from '../../follow/approval.ts'
import { holdSignals } from '../../follow/interrupts.ts'
import { type OperateOptions } from '../../follow/operate.ts'
import { printData, printLine } from '../../output.ts'
import { say } from '../../terminal.ts'
import { busy } from '../../view/busy.ts'
import { followRuns } from './followRuns.ts'
import { goesOn, interruptedRun } from './interrupted.ts'
import { plannedFindings, refusedPlan } from '../../view/showPlanned.ts'
import { askedTogether, showTogether } from './together.ts'

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
    wishes.map(async wish => {
      const { name, ...wanted } = wish
      const earlier = options.dryRun ? null : await interruptedRun(client, name)
      return { name, wish, wanted, earlier, planned: await client.post(`${path(name)}/plans`, wanted, plannedShape) }
    }),
  )
  const plans = await busy(`Looking at ${namesText(wishes)}`, looking)
  if (options.dryRun)
    return showTogether(
      plans.map(({ planned }) => planned),
      options,
    )
  const goingOn = plans.flatMap(({ name, wish, earlier, planned }) => {
    if (earlier === null) return []
    goesOn(earlier, wish, planned.stores)
    return [{ name, run: earlier.id, after: earlier.seq }]
  })
  const fresh = plans.filter(({ earlier }) => earlier === null)
  for (const { planned } of fresh) for (const line of plannedFindings(planned, undefined)) say(line)
  const blocked = fresh.find(({ planned }) => planned.blocked)
  if (blocked) throw refusedPlan(blocked.planned)
  const toDo = fresh.filter(({ planned }) => planned.has_changes || planned.stores)
  for (const { name, wish } of fresh.filter(one => !toDo.includes(one)))
    if (options.output === 'table')
      printLine(`${name}: nothing to do${await (wish.operation === 'destroy' ? unknownText(client, name) : '')}`)
  const asked = askedTogether(toDo.map(({ planned }) => planned))
  if (asked) await askFor(asked, options, options.command)
  const held = holdSignals()
  const started = await Promise.all(
    toDo.map(async ({ name, wanted, planned }) => {
      const start = { ...wanted, approve: planned.hash }
      const { run } = await client.post(`${path(name)}/runs`, start, startedRunShape, held.signal)
      // The server has taken the very plan that was made for a machine that is not on record.
      if (run !== null && planned.stores && planned.desired_version === 1) options.made?.(name)
      return { name, run }
    }),
  )
  const following = [...goingOn, ...started.flatMap(({ name, run }) => (run === null ? [] : [{ name, run, after: 0 }]))]
  const ended = await followRuns(connected, following, held)
  if (options.output !== 'table')
    await printData(
      options.output === 'json' ? 'json' : 'yaml',
      plans.map(({ name, planned }) => {
        const of = following.find(one => one.name === name)
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

/** A name that is mistyped is no machine that is gone. */
async function unknownText(client: Client, name: string): Promise<string> {
  try {
    await client.get(`/machines/${encodeURIComponent(name)}/runs?limit=1`, pageOf(runShape))
    return ''
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'not-found')
      return '; no machine of this name was ever made here'
    throw error
  }
}
