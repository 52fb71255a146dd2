import { describe, expect, it } from 'vitest'
import { runStep, runTransitions, stageStep, stageTransitions } from './runLifecycle.ts'
import { runStatuses, stageStatuses, endedStatuses } from '../../contract/events.ts'

describe('the tables of statuses', () => {
  it('reach every status of a run and of a stage', () => {
    expect(new Set(['queued', ...runTransitions.map(row => row.to)])).toEqual(new Set(runStatuses))
    expect(new Set(['waiting', ...stageTransitions.map(row => row.to)])).toEqual(new Set(stageStatuses))
  })

  it('lead out of every status but those that are final', () => {
    const out = (table: readonly { from: string }[], statuses: readonly string[]) =>
      statuses.filter(status => !table.some(row => row.from === status))
    expect(out(runTransitions, runStatuses)).toEqual(['completed', 'superseded'])
    expect(out(stageTransitions, stageStatuses)).toEqual([])
  })

  it('have one target for every step, wherever it starts', () => {
    for (const { event } of runTransitions) expect(runStep(event).from.length).toBeGreaterThan(0)
    for (const { event } of stageTransitions) expect(stageStep(event).from.length).toBeGreaterThan(0)
    expect(runStep('withdraw')).toEqual({ from: ['queued', 'awaiting_approval'], to: 'cancelled' })
  })

  it('let a run that has ended only be resumed or superseded', () => {
    const after = runTransitions.filter(row => endedStatuses.has(row.from)).map(row => row.event)
    expect(new Set(after)).toEqual(new Set(['resume', 'supersede']))
  })
})
