import { type Format, printData, printLine } from '../output.ts'
import type { Settled } from './settleRun.ts'

export interface PlanFacts {
  readonly plan_hash: string
  readonly has_changes: boolean
}

export interface Outcome {
  readonly id: string
  readonly settled: Settled
}

/** Says how an operation on a cluster ended. `outcome` null: there was nothing to do, which is said in words then. */
export async function reportRun(
  format: Format,
  cluster: string,
  plan: PlanFacts,
  outcome: Outcome | null,
  settledRun: string | null = null,
  nothing = `${cluster}: nothing to do`,
): Promise<void> {
  if (format === 'json' || format === 'yaml') {
    const run = outcome?.settled.run
    return printData(format, {
      cluster,
      ...plan,
      run: outcome?.id ?? null,
      status: outcome ? (run?.status ?? 'running') : null,
      error: run?.error ?? null,
      settled: settledRun,
    })
  }
  if (outcome === null) printLine(nothing)
}
