import type { DomainChange } from '../../domain/changes.ts'
import { errorLine } from '../../domain/errors.ts'
import type { Unfinished } from '../contract/stage.ts'
import { type LiveRun, type LiveStage, stageContext } from './runState.ts'

/** ms for a stage to let go of what it holds. */
const patience = 20_000

/** What became of what a stage held that ended without being done. */
export interface LetGo {
  readonly changes: readonly DomainChange[]
  /** Why it still holds it; null: it does not, or never did. */
  readonly kept: string | null
}

/** Never throws for the stage's own faults: its run must come to its end. */
export async function letGo(run: LiveRun, stage: LiveStage, end: Unfinished): Promise<LetGo> {
  if (!stage.bound?.letGo || stage.attempts === 0) return { changes: [], kept: null }
  const signal = AbortSignal.any([run.held.lost, AbortSignal.timeout(patience)])
  try {
    return { changes: await stage.bound.letGo(stageContext(run, stage.request.key, signal), end), kept: null }
  } catch (error) {
    run.held.lost.throwIfAborted()
    return { changes: [], kept: run.ports.redact(errorLine(error instanceof Error ? error : new Error(String(error)))) }
  }
}
