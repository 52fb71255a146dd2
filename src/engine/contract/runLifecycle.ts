import type { RunStatus, StageStatus } from '../../contract/events.ts'

/**
 * What may happen to a run. No status is set but through this table. `cancel` is its worker's, when all its children
 * have ended; a run that has no worker is withdrawn, or queued once more (`give-back`) so that one lets go of what it holds.
 */
export const runTransitions = [
  { from: 'queued', event: 'start', to: 'running' },
  { from: 'queued', event: 'withdraw', to: 'cancelled' },
  { from: 'running', event: 'take-over', to: 'running' },
  { from: 'running', event: 'pause', to: 'awaiting_approval' },
  { from: 'running', event: 'fail', to: 'failed' },
  { from: 'running', event: 'cancel', to: 'cancelled' },
  { from: 'running', event: 'complete', to: 'completed' },
  { from: 'awaiting_approval', event: 'approve', to: 'queued' },
  { from: 'awaiting_approval', event: 'withdraw', to: 'cancelled' },
  { from: 'awaiting_approval', event: 'give-back', to: 'queued' },
  { from: 'awaiting_approval', event: 'supersede', to: 'superseded' },
  { from: 'failed', event: 'resume', to: 'queued' },
  { from: 'failed', event: 'supersede', to: 'superseded' },
  { from: 'cancelled', event: 'resume', to: 'queued' },
  { from: 'cancelled', event: 'supersede', to: 'superseded' },
] as const satisfies readonly { from: RunStatus; event: string; to: RunStatus }[]

export type RunStep = (typeof runTransitions)[number]['event']

/** What may happen to a stage of a run. */
export const stageTransitions = [
  { from: 'waiting', event: 'start', to: 'running' },
  { from: 'waiting', event: 'skip', to: 'skipped' },
  { from: 'waiting', event: 'fail', to: 'failed' },
  { from: 'waiting', event: 'block', to: 'blocked' },
  { from: 'waiting', event: 'cancel', to: 'cancelled' },
  { from: 'running', event: 'complete', to: 'completed' },
  { from: 'running', event: 'fail', to: 'failed' },
  { from: 'running', event: 'cancel', to: 'cancelled' },
  { from: 'running', event: 'retry', to: 'waiting' },
  { from: 'running', event: 'interrupt', to: 'waiting' },
  { from: 'completed', event: 'lose', to: 'waiting' },
  { from: 'skipped', event: 'lose', to: 'waiting' },
  { from: 'completed', event: 'fail', to: 'failed' },
  { from: 'skipped', event: 'fail', to: 'failed' },
  { from: 'failed', event: 'resume', to: 'waiting' },
  { from: 'cancelled', event: 'resume', to: 'waiting' },
  { from: 'blocked', event: 'resume', to: 'waiting' },
] as const satisfies readonly { from: StageStatus; event: string; to: StageStatus }[]

export type StageStep = (typeof stageTransitions)[number]['event']

/** From where a step is possible, and where it leads: a step has one target, whatever it starts from. */
function step<Status extends string>(
  table: readonly { from: Status; event: string; to: Status }[],
  event: string,
): { readonly from: readonly Status[]; readonly to: Status } {
  const rows = table.filter(row => row.event === event)
  const [first] = rows
  if (!first || rows.some(row => row.to !== first.to)) throw new RangeError(`no such step: ${event}`)
  return { from: rows.map(row => row.from), to: first.to }
}

export const runStep = (event: RunStep) => step<RunStatus>(runTransitions, event)
export const stageStep = (event: StageStep) => step<StageStatus>(stageTransitions, event)
