import { runBounded } from './attempt.ts'
import { attemptContext } from './attemptContext.ts'
import { createLogSink } from './logSink.ts'
import { attemptName } from './ports.ts'
import { type LiveRun, type LiveStage, sealedOutputs } from './runState.ts'
import type { BoundStage, Change, Look } from './stage.ts'

/**
 * One try: execute and wait until ready, under the stage's time limit. Without a look it only waits: an earlier
 * attempt, whose end nobody saw, has done all the work.
 * @throws whatever stopped it; the attempt is then still on record as running, and none of its children is left.
 */
export async function runAttempt(
  run: LiveRun,
  stage: LiveStage,
  bound: BoundStage,
  changes: readonly Change[],
  look: Look | null,
): Promise<void> {
  const { key, title } = stage.request
  const number = stage.attempts + 1
  const name = attemptName(run.record.id, key, number)
  await run.writer.write({
    stages: [{ key, step: 'start', reason: null, error: null, attempt: { number, status: 'running' } }],
    events: [
      {
        type: 'stage-started',
        stage: key,
        attempt: number,
        message: look ? title : `${title}: done, until it is ready`,
      },
    ],
    changes: { list: bound.records?.started ?? [], attempt: name },
  })
  stage.status = 'running'
  stage.attempts = number
  const sink = createLogSink(
    run.ports.records,
    { run: run.record.id, stage: key, attempt: number },
    run.held,
    run.ports.redact,
  )
  let close: (() => void) | undefined
  const ending = await runBounded(
    async signal => {
      const opened = attemptContext(run, key, number, changes, sink, signal)
      close = opened.close
      await look?.execute(opened.context)
      signal.throwIfAborted()
      await bound.waitForReady(opened.context)
    },
    {
      timeout: bound.timeout,
      grace: run.limits.grace,
      signal: run.signal,
      about: title,
      endChildren: () => run.ports.children.end({ attempt: name }),
    },
  )
  close?.()
  for (const prefix of bound.touches) run.observations.drop(prefix)
  await sink.end()
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
