import { executeStage, type Turn } from './executeStage.ts'
import { isDone, type LiveRun, type LiveStage } from './runState.ts'

/**
 * Executes the stages of a run as their needs allow, in parallel. A failed stage stops only what needs it; a stage
 * that needs a new approval, or a stop from outside, lets nothing more begin. Returns when nothing is under way.
 */
export async function scheduleStages(run: LiveRun): Promise<void> {
  const dependents = new Map<string, LiveStage[]>()
  for (const stage of run.stages.values())
    for (const { stage: key } of stage.request.needs) dependents.set(key, [...(dependents.get(key) ?? []), stage])
  const begun = new Set<string>()
  const underWay = new Set<Promise<void>>()
  let failure: unknown

  const mayBegin = (): boolean => run.beyond.size === 0 && !run.signal.aborted && failure === undefined
  const consider = async (stage: LiveStage): Promise<void> => {
    const { key } = stage.request
    if (begun.has(key) || !mayBegin() || !needsTurn(stage)) return
    const state = stateOfNeeds(run, stage)
    if (state === 'open') return
    begun.add(key)
    const turn = state === 'broken' ? await block(run, stage) : await takeTurn(run, stage, mayBegin)
    if (turn !== null) for (const dependent of dependents.get(key) ?? []) begin(dependent)
  }
  const begin = (stage: LiveStage): void => {
    const turn = consider(stage)
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => underWay.delete(turn))
    underWay.add(turn)
  }
  for (const stage of run.stages.values()) begin(stage)
  while (underWay.size > 0) await Promise.all(underWay)
  if (failure !== undefined && !run.signal.aborted) throw failure
}

const needsTurn = (stage: LiveStage): boolean => stage.status === 'waiting' || stage.recheck

/** `met`: the stage may begin. `broken`: something it needs did not complete. `open`: not known yet. */
function stateOfNeeds(run: LiveRun, stage: LiveStage): 'met' | 'broken' | 'open' {
  for (const need of stage.request.needs) {
    const needed = run.stages.get(need.stage)
    if (!needed || needed.status === 'waiting' || needed.status === 'running' || needed.recheck) return 'open'
  }
  return brokenNeeds(run, stage).length > 0 ? 'broken' : 'met'
}

/** Keys of what it needs and did not complete. What only has to be settled keeps nobody waiting, however it ended. */
const brokenNeeds = (run: LiveRun, { request: { needs } }: LiveStage): string[] =>
  needs.flatMap(({ stage: key, until }) => {
    const needed = run.stages.get(key)
    return needed && until !== 'settled' && !isDone(needed) ? [key] : []
  })

async function takeTurn(run: LiveRun, stage: LiveStage, mayBegin: () => boolean): Promise<Turn | null> {
  if (stage.bound === null) return skipDisabled(run, stage)
  const turn = await executeStage(run, stage, stage.bound, mayBegin)
  return turn === 'done' || turn === 'failed' ? turn : null
}

async function skipDisabled(run: LiveRun, stage: LiveStage): Promise<Turn> {
  const { key, disabled } = stage.request
  const reason = disabled ?? 'disabled'
  await run.writer.write({
    stages: [{ key, step: 'skip', reason, recheck: false }],
    events: [{ type: 'stage-skipped', stage: key, message: reason, data: { reason } }],
  })
  stage.status = 'skipped'
  return 'done'
}

async function block(run: LiveRun, stage: LiveStage): Promise<Turn> {
  const { key } = stage.request
  if (stage.recheck) {
    // It stays completed on record, and unconfirmed; what needs it can't begin all the same.
    stage.status = 'blocked'
    stage.recheck = false
    return 'failed'
  }
  const broken = brokenNeeds(run, stage)
  const reason = `needs ${broken.join(', ')}`
  await run.writer.write({
    stages: [{ key, step: 'block', reason }],
    events: [{ type: 'stage-blocked', stage: key, message: 'blocked', data: { needs: broken } }],
  })
  stage.status = 'blocked'
  return 'failed'
}
