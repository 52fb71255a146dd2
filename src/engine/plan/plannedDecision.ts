import type { Decision } from '../contract/stage.ts'
import type { PlannedDecision } from '../../contract/plan.ts'

/** A stage's decision as it is planned and stored. */
export function plannedDecision({ left_out, ...decision }: Decision): PlannedDecision {
  const left = left_out && { left_out: left_out.map(one => ({ ...one })) }
  switch (decision.kind) {
    case 'run':
      return { ...decision, ...left, changes: decision.changes.map(({ unasked: _unasked, ...change }) => change) }
    case 'deferred':
      return { ...decision, ...left, effects: [...decision.effects] }
    case 'skip':
      return { ...decision, ...left }
  }
}
