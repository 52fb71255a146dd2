import type { Command } from 'commander'
import type { OperationRequest } from '../../contract/operations.ts'
import { type ClusterDocument, type Planned, plannedShape } from '../../contract/plans.ts'
import { startedRunShape } from '../../contract/runs.ts'
import { findings } from '../../distributions/index.ts'
import { idleAcceptance } from '../../domain/acceptance.ts'
import { exitCodes } from '../../domain/errors.ts'
import type { Connected } from '../client/withServer.ts'
import { findingLines } from '../failure.ts'
import { collect, type Format, withOutput } from '../output.ts'
import { say } from '../terminal.ts'
import { busy } from '../view/busy.ts'
import { standingLines } from '../view/planView.ts'
import { acceptHelp, nothingToDo, plannedFindings, refusedPlan, showPlanned } from '../view/showPlanned.ts'
import { type ApprovalOptions, approval, approvalByName } from './approval.ts'
import { holdSignals } from './interrupts.ts'
import { reportRun } from './reportRun.ts'
import { endInterrupted, goOn, type TakeUp, takeUp } from './takeUp.ts'

export interface OperateOptions extends ApprovalOptions {
  /** Name of the cluster, typed beforehand where the operation asks for it. */
  readonly confirm?: string
  readonly output: Format
  readonly accept: readonly string[]
  readonly dryRun?: boolean
  /** Id of an interrupted run that may be ended. */
  readonly supersede?: string
}

/** What is to be done to a cluster. */
export interface Wish {
  readonly cluster: string
  readonly operation: OperationRequest
  /** The desired state that it is about; absent: the one on record. */
  readonly written?: {
    readonly document: ClusterDocument
    /** As it was named on the command line. */
    readonly file: string
    readonly machines: number
  }
  /** What was typed, without the approval. */
  readonly command: string
}

const dryRun = ['--dry-run', 'show the plan and change nothing'] as const

const withPlan = (command: Command, hash = 'take the plan with this hash only'): Command =>
  withOutput(command, ['table', 'json', 'yaml'])
    .option('--yes', 'take the plan as it is')
    .option('--approve <hash>', hash)
    .option('--accept <name>', acceptHelp, collect, [])

/** The options of every command that plans something of a cluster, asks and carries it out. */
export const withApproval = (command: Command, hash?: string): Command =>
  withPlan(command, hash).option(
    '--supersede <run>',
    'end this run first, which was interrupted and does something else',
  )

/** As `withApproval`, of one that may also be shown only. */
export const withOperation = (command: Command): Command => withApproval(command).option(...dryRun)

/** As `withOperation`, of machines: each has a run of its own, and none is ended in passing. */
export const withMachineOperation = (command: Command): Command => withPlan(command).option(...dryRun)

/**
 * Plans, asks, carries it out and follows it; a run of the same wish that was interrupted goes on instead. Gives the exit
 * code.
 */
export async function operate(connected: Connected, wish: Wish, options: OperateOptions): Promise<number> {
  const { client } = connected
  const { cluster, operation, written } = wish
  for (const line of findingLines(idleAcceptance(findings, options.accept))) say(line)
  const earlier = await earlierRun(connected, wish, options)
  if (earlier.kind === 'goes-on') return goOn(connected, earlier.run, options.output)
  const asked = { operation, accept: options.accept, ...(written && { document: written.document }) }
  const planned = await busy(
    `Looking at ${written ? machinesOf(written) : cluster}`,
    client.post('/plans', { ...asked, ...(!written && { cluster }) }, plannedShape),
  )
  if (options.dryRun) return showPlanned(planned, options)
  for (const line of plannedFindings(planned, written?.file)) say(line)
  if (planned.blocked) throw refusedPlan(planned)
  const confirmed = planned.has_changes ? await approved(planned, wish, options) : operation
  const held = holdSignals(cluster)
  if (earlier.kind === 'in-the-way')
    await endInterrupted(connected, { run: earlier.run, supersede: options.supersede }, held)
  const start = { ...asked, operation: confirmed, approve: planned.hash }
  const started =
    planned.has_changes || planned.stores
      ? await client.post(`/clusters/${cluster}/runs`, start, startedRunShape, held.signal)
      : { run: null, settled: null }
  const facts = { plan_hash: planned.hash, has_changes: planned.has_changes }
  if (started.run === null) {
    held.release()
    for (const line of standingLines(planned)) say(line)
    if (started.settled !== null) say(`Run ${started.settled} is settled: nothing of it is left to do.`)
    await reportRun(options.output, cluster, facts, null, started.settled, nothingToDo(planned, true))
    return exitCodes.done
  }
  // Loaded when it is needed: most often there is nothing to do, and that is said at once.
  const { settleRun } = await import('./settleRun.ts')
  const settled = await settleRun(connected, started.run, 0, held)
  await reportRun(options.output, cluster, facts, { id: started.run, settled })
  return settled.exit
}

const machinesOf = ({ machines }: NonNullable<Wish['written']>): string =>
  `${machines} ${machines === 1 ? 'machine' : 'machines'}`

/** A run that was begun and that nobody executes. */
const earlierRun = async (
  connected: Connected,
  { cluster, operation, written, command }: Wish,
  options: OperateOptions,
): Promise<TakeUp> =>
  options.dryRun
    ? { kind: 'none' }
    : takeUp(connected, { cluster, ...(written && { document: written.document }) }, operation, { ...options, command })

/** The operation as its run is started: what takes a whole cluster away carries its name, as it was typed. */
async function approved(
  planned: Planned,
  { cluster, operation, command }: Wish,
  options: OperateOptions,
): Promise<OperationRequest> {
  if (operation.operation !== 'uninstall') {
    await approval(planned, options, command)
    return operation
  }
  return { ...operation, confirm: await approvalByName(planned, options, { cluster, typed: options.confirm, command }) }
}
