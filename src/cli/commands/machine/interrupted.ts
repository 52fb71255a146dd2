import { machineDetailShape } from '../../../contract/machines.ts'
import { type RunDetail, runDetailShape } from '../../../contract/runs.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import { shortHash } from '../../../domain/planHash.ts'
import type { Client } from '../../client/client.ts'
import { say } from '../../terminal.ts'

/** A run of the machine that was begun and that nobody executes; null: there is none. */
export async function interruptedRun(client: Client, name: string): Promise<RunDetail | null> {
  const machine = await client
    .get(`/machines/${encodeURIComponent(name)}`, machineDetailShape)
    .catch((error: unknown) => {
      // It is not on record; or what is on record is told by the plan.
      if (error instanceof SlipwayError && ['not-found', 'terraform-state-unreadable'].includes(error.code)) return null
      throw error
    })
  const last = machine?.last_run
  if (!last || last.executed !== false || (last.status !== 'running' && last.status !== 'queued')) return null
  return client.get(`/runs/${last.id}`, runDetailShape)
}

/**
 * The same command goes on where its own process ended: a run that was approved for the same wish needs no new approval.
 * @param stores the wish has other settings than those on record.
 * @throws SlipwayError `lease-held` where the run does something else.
 */
export function goesOn(
  run: RunDetail,
  { name, operation }: { readonly name: string; readonly operation: 'create' | 'destroy' },
  stores: boolean,
): void {
  const does = run.stages.some(({ kind }) => kind === `machine/${operation}`)
  if (does && !stores && !run.cancel_requested) {
    const what = run.status === 'queued' ? 'waits for a worker' : 'was interrupted'
    say(
      `Run ${run.id} of ${name} ${what}; going on with it (plan ${shortHash(run.plan_hash)}, approved by ${run.approved_by}).`,
    )
    return
  }
  const why = run.cancel_requested
    ? 'it was to be cancelled'
    : does
      ? 'it makes the machine with other settings'
      : 'it does something else'
  throw new SlipwayError('lease-held', `run ${run.id} of ${name} was interrupted, nobody executes it, and ${why}`, {
    facts: { run: run.id, machine: name },
    remedy: `Go on with it: slipway resume ${run.id}. End it: slipway cancel ${run.id}.`,
  })
}
