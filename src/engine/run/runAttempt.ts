import { runBounded } from './attempt.ts'
import { attemptContext } from './attemptContext.ts'
import { type LeftHosts, missedError, namesOf, recordsOf } from './leftHosts.ts'
import { createLogSink } from './logSink.ts'
import { attemptName } from '../contract/ports.ts'
import { type LiveRun, type LiveStage, sealedOutputs } from './runState.ts'
import type { BoundStage, Change, Observation } from '../contract/stage.ts'

export interface AttemptWork {
  /** null: nothing is executed, since an earlier attempt, whose end nobody saw, has done all the work. */
  readonly observation: Observation | null
  readonly waits: boolean
  readonly left: LeftHosts
}

/**
 * One try: execute and wait until ready, under the stage's time limit.
 * @throws also when all of it is done, and some hosts could not take part;
 * @throws whatever stopped it; the attempt is then still on record as running, and none of its children is left.
 */
export async function runAttempt(
  run: LiveRun,
  stage: LiveStage,
  bound: BoundStage,
  changes: readonly Change[],
  { observation, waits, left }: AttemptWork,
): Promise<void> {
  const { key, title } = stage.request
  const number = stage.attempts + 1
  const name = attemptName(run.record.id, key, number)
  const aside = recordsOf(left, key, number, bound.records)
  await run.writer.write({
    stages: [{ key, step: 'start', reason: null, error: null, attempt: { number, status: 'running' } }],
    results: aside.results,
    events: [
      {
        type: 'stage-started',
        stage: key,
        attempt: number,
        message: title,
        data: { executes: observation !== null || !waits },
      },
      ...aside.events,
    ],
    changes: { list: [...(bound.records?.started ?? []), ...aside.changes], attempt: name },
  })
  stage.status = 'running'
  stage.attempts = number
  stage.open.clear()
  const sink = createLogSink(
    run.ports.records,
    { run: run.record.id, stage: key, attempt: number },
    run.held,
    run.ports.redact,
  )
  let close: (() => void) | undefined
  const ending = await runBounded(
    async signal => {
      const opened = attemptContext(run, stage, { bound, number, changes, leftOut: namesOf(left) }, sink, signal)
      close = opened.close
      const ready = observation ? await observation.execute(opened.context) : () => bound.waitForReady(opened.context)
      signal.throwIfAborted()
      if (waits) await ready()
    },
    {
      timeout: bound.timeout,
      grace: run.limits.grace,
      signal: run.signal,
      about: title,
      endChildren: how => run.ports.children.end({ attempt: name }, how),
    },
  )
  close?.()
  for (const prefix of bound.touches) run.observations.drop(prefix)
  await sink.end()
  if (left.missed.length > 0 && !run.signal.aborted) throw missedError(left.missed, ending.ok ? null : ending.error)
  if (!ending.ok) throw ending.error
  delete stage.outputs
  const outputs = await sealedOutputs(run, stage)
  await run.writer.write({
    stages: [{ key, step: 'complete', attempt: { number, status: 'completed' }, ...outputs }],
    events: [{ type: 'stage-completed', stage: key, attempt: number, message: title }],
    changes: { list: bound.records?.completed ?? [], attempt: name },
  })
  stage.status = 'completed'
}
