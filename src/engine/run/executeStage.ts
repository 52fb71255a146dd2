import { setTimeout as after } from 'node:timers/promises'
import type { DomainChange } from '../../domain/changes.ts'
import { errorLine, SlipwayError } from '../../domain/errors.ts'
import { subjectText } from '../../domain/subject.ts'
import { runBounded } from './attempt.ts'
import { compareWithApproved } from '../plan/comparison.ts'
import { acceptedPart, leftOutOf, othersOf } from '../plan/leaveOut.ts'
import { databaseAway, isDatabaseAway } from '../contract/databaseAway.ts'
import { letGo } from './letGo.ts'
import { type LeftHosts, namesOf, recordsOf } from './leftHosts.ts'
import { attemptEnvironment, attemptName } from '../contract/ports.ts'
import { type LiveRun, type LiveStage, sealedOutputs, stageContext } from './runState.ts'
import { runAttempt } from './runAttempt.ts'
import type { BoundStage, Change, Decision, Observation, RetryPolicy } from '../contract/stage.ts'
import { stopReason } from '../contract/stopping.ts'
import { errorData, storedError } from './storedError.ts'

/** How a stage's turn ended. `left`: the worker stops or lost the lease; the next one goes on. */
export type Turn = 'done' | 'failed' | 'cancelled' | 'beyond' | 'left'

const longestBackoff = 30_000

/**
 * A stage's turn: it is looked at once more, compared with what was approved, executed and waited for; tried again
 * where it declares that; each step written in one transaction with its event.
 * @param mayBegin is asked when there is a place for it: until then it has only waited.
 */
export async function executeStage(
  run: LiveRun,
  stage: LiveStage,
  bound: BoundStage,
  mayBegin: () => boolean,
): Promise<Turn> {
  const tries = { own: 0, away: 0 }
  /** An attempt has begun, and what it did is on record as under way. */
  let acted = false
  for (;;) {
    try {
      const isFirst = tries.own + tries.away === 0
      // Whoever waits for somebody else's lease has no place yet: that one may need it to come to its end.
      return await holding(run, stage, bound, () =>
        run.slot(async () => (isFirst && !mayBegin() ? 'left' : tryStage(run, stage, bound))),
      )
    } catch (error) {
      const isAway = isDatabaseAway(error)
      const count = isAway ? ++tries.away : ++tries.own
      acted ||= stage.status === 'running'
      const policy = { tries: count, retry: isAway ? databaseAway : bound.retry }
      const turn = await afterFailure(run, stage, bound, error, { ...policy, acted })
      if (turn !== 'again') return turn
    }
  }
}

/** Holds what the stage changes besides the run's subject, all of it in one order, so that no two wait for each other. */
async function holding<T>(run: LiveRun, stage: LiveStage, bound: BoundStage, work: () => Promise<T>): Promise<T> {
  const releases: (() => Promise<void>)[] = []
  try {
    const subjects = (bound.holds ?? []).filter(one => subjectText(one) !== subjectText(run.record.subject))
    for (const subject of subjects.toSorted((one, other) => subjectText(one).localeCompare(subjectText(other))))
      releases.push(
        await run.hold(subject, run.signal, () =>
          run.writer.write({
            events: [
              {
                type: 'progress',
                stage: stage.request.key,
                message: `waits: another run is changing ${subjectText(subject)}`,
              },
            ],
          }),
        ),
      )
    return await work()
  } finally {
    // One that can't be given back now is over with its time.
    await Promise.allSettled(releases.map(release => release()))
  }
}

async function tryStage(run: LiveRun, stage: LiveStage, bound: BoundStage): Promise<Turn> {
  const ahead = startedAhead(run, stage)
  const { observation, missed, leftOut, comparison } = await judge(run, stage, bound, ahead).catch(async error => {
    await ahead?.end()
    throw error
  })
  const { decision } = observation
  const left = { leftOut, missed }
  if (comparison.kind !== 'within') await ahead?.end()
  switch (comparison.kind) {
    case 'beyond':
      return holdForApproval(run, stage, decision)
    case 'within':
      await runAttempt(run, stage, bound, comparison.changes, { observation, waits: true, left })
      return 'done'
    case 'nothing':
      if (stage.recheck) await confirm(run, stage)
      else if (isAbsent(decision)) await skip(run, stage, bound, comparison.reason, left)
      // Begun by an earlier attempt: whatever that has done, it is only finished when it is ready.
      else if (stage.attempts > 0 || missed.length > 0)
        await runAttempt(run, stage, bound, approvedChanges(stage), {
          observation: null,
          waits: stage.attempts > 0,
          left,
        })
      else await skip(run, stage, bound, comparison.reason, left)
      return 'done'
  }
}

/** Looks at the world and compares what the stage would do now with what was approved. */
async function judge(run: LiveRun, stage: LiveStage, bound: BoundStage, ahead: StartedAhead | null) {
  const seen = await observeStage(run, stage, bound, ahead)
  const { observation: whole, leftOut } = acceptedPart(seen, leftOutOf(stage.approved))
  // What was complete and is no longer is told as a whole; nothing of it is begun anew beside that.
  const isBatch = bound.records?.batch !== undefined && !stage.recheck
  const { observation, missed } = isBatch ? othersOf(whole) : { observation: whole, missed: [] }
  const missing = observation.unmet.filter(unmet => unmet.severity === 'error')
  if (missing.length > 0) throw new SlipwayError('preflight-failed', missing[0]?.message ?? '', { findings: missing })
  const { decision } = observation
  if (decision.kind === 'deferred')
    throw new Error(`stage ${stage.request.key} still waits for ${decision.until}, though all that it needs is done`)
  const comparison = compareWithApproved(stage.recheck ? doneEarlier : stage.approved, decision)
  return { observation, missed, leftOut, comparison }
}

interface StartedAhead {
  readonly environment: Readonly<Record<string, string>>
  /** Ends what was started for an attempt that is not made. */
  end(): Promise<unknown>
}

/** Null where nothing is to be executed as far as anybody knows. */
function startedAhead({ record, held, ports }: LiveRun, stage: LiveStage): StartedAhead | null {
  if (stage.recheck || stage.approved.kind !== 'run') return null
  const attempt = attemptName(record.id, stage.request.key, stage.attempts + 1)
  return {
    environment: attemptEnvironment(held.lease.worker, attempt),
    end: () => ports.children.end({ attempt }),
  }
}

const approvedChanges = ({ approved }: LiveStage): readonly Change[] =>
  approved.kind === 'run'
    ? approved.changes.map(({ detail, ...change }) => ({ ...change, ...(detail !== undefined && { detail }) }))
    : []

const isAbsent = (decision: Decision): boolean => decision.kind === 'skip' && decision.absent === true

const doneEarlier = { kind: 'skip', reason: 'completed earlier in this run' } as const

async function observeStage(
  run: LiveRun,
  stage: LiveStage,
  bound: BoundStage,
  ahead: StartedAhead | null,
): Promise<Observation> {
  // What it will act on is looked at now, not when another stage had its turn: that may be hours ago.
  for (const prefix of bound.touches) run.observations.drop(prefix)
  let observation: Observation | undefined
  const ending = await runBounded(
    async signal => {
      const context = stageContext(run, stage.request.key, signal)
      observation = await bound.observe(ahead ? { ...context, ahead: { environment: ahead.environment } } : context)
    },
    {
      timeout: bound.timeout,
      grace: run.limits.grace,
      signal: run.signal,
      about: `the observation of ${stage.request.key}`,
      endChildren: async () => {},
    },
  )
  if (!ending.ok) throw ending.error
  if (!observation) throw new Error(`stage ${stage.request.key} was not observed`)
  return observation
}

async function confirm(run: LiveRun, stage: LiveStage): Promise<void> {
  await run.writer.write({ stages: [{ key: stage.request.key, recheck: false }] })
  stage.recheck = false
}

async function skip(run: LiveRun, stage: LiveStage, bound: BoundStage, reason: string, left: LeftHosts): Promise<void> {
  const { key } = stage.request
  const outputs = await sealedOutputs(run, stage)
  const { results, events, changes } = recordsOf(left, key, 0, bound.records)
  await run.writer.write({
    stages: [{ key, step: 'skip', reason, error: null, ...outputs }],
    results,
    events: [...events, { type: 'stage-skipped', stage: key, message: reason, data: { reason } }],
    changes: {
      list: [...(bound.records?.skipped?.(namesOf(left)) ?? []), ...changes],
      attempt: attemptName(run.record.id, key, 0),
    },
  })
  stage.status = 'skipped'
}

/** The world asks for more than was approved: the run pauses, and what was approved for this stage is void. */
async function holdForApproval(run: LiveRun, stage: LiveStage, decision: Decision): Promise<Turn> {
  const { key } = stage.request
  const message = `needs a new approval: ${decision.reason}`
  await run.writer.write({
    stages: [
      stage.recheck
        ? { key, step: 'lose', decision: doneEarlier, recheck: false, reason: message }
        : { key, reason: message },
    ],
    events: [{ type: 'stage-waiting', stage: key, message, data: { why: 'needs-approval', reason: decision.reason } }],
  })
  if (stage.recheck) {
    stage.recheck = false
    stage.status = 'waiting'
    stage.approved = doneEarlier
  }
  run.beyond.set(key, decision)
  return 'beyond'
}

interface Tries {
  /** So many have failed, this one included. */
  readonly tries: number
  readonly retry: RetryPolicy | undefined
  readonly acted: boolean
}

async function afterFailure(
  run: LiveRun,
  stage: LiveStage,
  bound: BoundStage,
  thrown: unknown,
  { tries, retry, acted }: Tries,
): Promise<Turn | 'again'> {
  const { key } = stage.request
  const began = stage.status === 'running'
  const reason = stopReason(run.signal)
  if (reason === 'cancelled') {
    if (began) await cancel(run, stage)
    return 'cancelled'
  }
  if (reason !== null) return 'left'
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const stored = storedError(error)
  const failedAttempt = began && { attempt: { number: stage.attempts, status: 'failed' as const, error: stored } }
  const event = { stage: key, ...(began && { attempt: stage.attempts }), data: errorData(stored) }
  if (retry === undefined || tries >= retry.attempts || !retry.when(error)) {
    const { changes, kept } = await letGo(run, stage, 'failed')
    const told = kept === null ? stored : { ...stored, causes: [...stored.causes, `not taken back: ${kept}`] }
    const fail = (message: string, list: readonly DomainChange[]): Promise<void> =>
      run.writer.write({
        stages: [{ key, step: 'fail', error: told, recheck: false, ...failedAttempt }],
        events: [{ type: 'stage-failed', message, ...event, data: errorData(told) }],
        changes: { list, attempt: attemptName(run.record.id, key, stage.attempts) },
      })
    try {
      await fail(stored.message, [...changes, ...(acted ? failedRecords(stage, bound, error) : [])])
    } catch (refused) {
      // What the stage would record does not fit what is on record: its own error is the one to tell.
      if (!(refused instanceof SlipwayError) || !['run-state', 'not-found'].includes(refused.code)) throw refused
      await fail(`${stored.message} (not recorded: ${refused.message})`, [])
    }
    stage.status = 'failed'
    stage.recheck = false
    return 'failed'
  }
  const wait = Math.min(longestBackoff, retry.backoff * 2 ** (tries - 1))
  await run.writer.write({
    ...(failedAttempt && { stages: [{ key, step: 'retry', ...failedAttempt }] }),
    events: [
      { ...event, type: 'stage-retried', message: stored.message, data: { ...event.data, wait_s: wait / 1000 } },
    ],
  })
  if (began) stage.status = 'waiting'
  for (const prefix of bound.touches) run.observations.drop(prefix)
  await after(wait, undefined, { signal: run.signal }).catch(() => {})
  return 'again'
}

/** Hosts of a batch that nobody has heard the end of have failed of what stopped their attempt. */
function failedRecords({ open }: LiveStage, { records }: BoundStage, error: Error): DomainChange[] {
  const reason = errorLine(error)
  return [
    ...(records?.failed?.(error) ?? []),
    ...[...open].flatMap(host => records?.batch?.failed?.(host, reason) ?? []),
  ]
}

async function cancel(run: LiveRun, stage: LiveStage): Promise<void> {
  const { key } = stage.request
  const { attempts: attempt } = stage
  const { changes, kept } = await letGo(run, stage, 'cancelled')
  await run.writer.write({
    stages: [{ key, step: 'cancel', attempt: { number: attempt, status: 'cancelled' } }],
    events: [{ type: 'stage-cancelled', stage: key, attempt, message: 'cancelled', data: { began: true, kept } }],
    changes: { list: changes, attempt: attemptName(run.record.id, key, attempt) },
  })
  stage.status = 'cancelled'
}
