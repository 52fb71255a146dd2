import { z } from 'zod'
import type { PlannedDecision } from './plan.ts'

const facts = z.object({ notes: z.array(z.string()) })

/** What a decision says beside its changes: what stays though it is named, what somebody has to do afterwards. */
export const decisionNotes = (decision: PlannedDecision): readonly string[] =>
  decision.kind === 'unknown' ? [] : (facts.safeParse(decision.facts).data?.notes ?? [])
