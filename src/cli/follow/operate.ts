import type { OperationRequest } from '../../contract/operations.ts'
import type { Command } from 'commander'
import { type Planned, plannedShape } from '../../contract/plans.ts'
import { startedRunShape } from '../../contract/runs.ts'
import { exitCodes } from '../../domain/errors.ts'
import type { Connected } from '../client/withServer.ts'
import { acceptHelp, plannedFindings, refusedPlan, showPlanned } from '../view/showPlanned.ts'
import { standingLines } from '../view/planView.ts'
import { collect, type Format, withOutput } from '../output.ts'
import { say } from '../terminal.ts'
import { busy } from '../view/busy.ts'
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

/** The options of every command that plans an operation, asks and carries it out. */
export const withApproval = (command: Command): Command =>
  withOutput(command, ['table', 'json', 'yaml'])
    .option('--yes', 'take the plan as it is')
    .option('--approve <hash>', 'take the plan with this hash only')
    .option('--accept <name>', acceptHelp, collect, [])
    .option('--dry-run', 'show the plan and change nothing')

/**
 * Plans an operation on a cluster that is on record, asks, carries it out and follows it. Gives the exit code.
 * @param command what was typed, without the approval.
 */
export async function operate(
  connected: Connected,
  cluster: string,
  operation: OperationRequest,
  options: OperateOptions,
  command: string,
): Promise<number> {
  const { client } = connected
  const asked = { operation, accept: options.accept }
  const earlier = await earlierRun(connected, cluster, operation, { ...options, command })
  if (earlier.kind === 'goes-on') return goOn(connected, earlier.run, options.output)
  const planned = await busy(`Looking at ${cluster}`, client.post('/plans', { cluster, ...asked }, plannedShape))
  if (options.dryRun) return showPlanned(planned, options)
  for (const line of plannedFindings(planned, undefined)) say(line)
  if (planned.blocked) throw refusedPlan(planned)
  const facts = { plan_hash: planned.hash, has_changes: planned.has_changes }
  if (!planned.has_changes && !planned.stores) {
    for (const line of standingLines(planned)) say(line)
    await reportRun(options.output, cluster, facts, null)
    return exitCodes.done
  }
  const confirmed = planned.has_changes ? await approved(planned, cluster, operation, options, command) : operation
  const held = holdSignals(cluster)
  if (earlier.kind === 'in-the-way')
    await endInterrupted(connected, { run: earlier.run, supersede: options.supersede }, held)
  const start = { ...asked, operation: confirmed, approve: planned.hash }
  const { run } = await client.post(`/clusters/${cluster}/runs`, start, startedRunShape, held.signal)
  if (run === null) {
    held.release()
    await reportRun(options.output, cluster, facts, null)
    return exitCodes.done
  }
  const { settleRun } = await import('./settleRun.ts')
  const settled = await settleRun(connected, run, 0, held)
  await reportRun(options.output, cluster, facts, { id: run, settled })
  return settled.exit
}

/**
 * A run that was begun and that nobody executes. Only of an addition all that is wished stands in the desired state, so
 * that it can be told whether it is the same: how pods are to be moved away does not.
 */
const earlierRun = async (
  connected: Connected,
  cluster: string,
  operation: OperationRequest,
  options: OperateOptions & { readonly command: string },
): Promise<TakeUp> =>
  operation.operation === 'scale-add' && !options.dryRun
    ? takeUp(connected, { cluster }, operation, options)
    : { kind: 'none' }
/** The operation as its run is started: what takes a whole cluster away carries its name, as it was typed. */
async function approved(
  planned: Planned,
  cluster: string,
  operation: OperationRequest,
  options: OperateOptions,
  command: string,
): Promise<OperationRequest> {
  if (operation.operation !== 'uninstall') {
    await approval(planned, options, command)
    return operation
  }
  return { ...operation, confirm: await approvalByName(planned, options, { cluster, typed: options.confirm, command }) }
}
