import { z } from 'zod'
import type { PlannedDecision } from './plan.ts'

const facts = z.object({ stays: z.array(z.string()) })

/** What a stage of a plan leaves where it is, though it is named: one line each. */
export const stayingLines = (decision: PlannedDecision): readonly string[] =>
  decision.kind === 'unknown' ? [] : (facts.safeParse(decision.facts).data?.stays ?? [])
