import { type Finding, SlipwayError } from '../../domain/errors.ts'
import { refuseOtherHash, shortHash } from '../../domain/planHash.ts'
import { cancelled } from './cancelled.ts'
import { canonicalJson } from '../plan/canonical.ts'
import { planFindings } from '../plan/plan.ts'
import type { NewEvent, RunRecord, RunRecords, StageChange, StageRecord, Transition } from '../contract/records.ts'
import type { Registry } from '../contract/registry.ts'
import type { Plan } from '../../contract/plan.ts'

/** What people ask of runs. None of it needs a worker; one that is there is woken. */

export interface Approval {
  /** Who approves. */
  readonly by: string
  /** Hash (or a prefix of 8 characters at least) that was approved; absent when the plan is taken as it is. */
  readonly hash?: string
  /** Names of warnings that are accepted. */
  readonly accept?: readonly string[]
}

/**
 * Creates the run of an approved plan and returns its id. Ask `plan.has_changes` first: a plan without changes has
 * no run.
 * @throws SlipwayError `plan-changed` (another hash, or the desired state moved), `preflight-failed` with all that is
 * missing, `lease-held` while another run of its subject is queued or running.
 */
export async function createRun(records: RunRecords, plan: Plan, approval: Approval): Promise<string> {
  if (!plan.has_changes) throw new SlipwayError('internal', `plan ${shortHash(plan.hash)} has nothing to do`)
  if (approval.hash !== undefined) refuseOtherHash(approval.hash, plan.hash)
  refuseFindings(plan, approval.accept ?? [])
  return records.createRun(plan, { by: approval.by, accepted: approval.accept ?? [] })
}

/** Findings that refuse a plan: errors, but for those of what may fail, and warnings that nobody accepted. */
export const blockingFindings = (plan: Plan, accepted: readonly string[]): Finding[] => {
  const warnings = planFindings(plan).filter(({ severity }) => severity === 'warning')
  const required = planFindings({ ...plan, stages: plan.stages.filter(({ optional }) => !optional) })
  return [
    ...required.filter(({ severity }) => severity === 'error'),
    ...warnings.filter(({ name }) => !accepted.includes(name)),
  ]
}

function refuseFindings(plan: Plan, accepted: readonly string[]): void {
  const findings = blockingFindings(plan, accepted)
  const [first] = findings
  if (!first) return
  throw new SlipwayError('preflight-failed', `${first.about}: ${first.message}`, { findings })
}

/**
 * Approves what a paused run would do now; it goes on.
 * @throws SlipwayError `run-state` when it does not await approval, `plan-changed` when another hash is pending.
 */
export async function approveRun(
  records: RunRecords,
  run: string,
  approval: Required<Pick<Approval, 'by' | 'hash'>>,
): Promise<void> {
  await request(records, run, async record => {
    if (record.status !== 'awaiting_approval' || record.pending_hash === null) throw wrongState(record, 'approved')
    refuseOtherHash(approval.hash, record.pending_hash)
    const plan = await records.findPlan(record.pending_hash)
    const decisions = new Map(plan.stages.map(stage => [stage.key, stage.decision]))
    const stages = (await records.readStages(run)).flatMap((stage): StageChange[] => {
      const decision = decisions.get(stage.key)
      const changed = decision && canonicalJson(toJson(decision)) !== canonicalJson(toJson(stage.decision))
      return changed ? [{ key: stage.key, decision, reason: null }] : []
    })
    return {
      run: { step: 'approve', planHash: plan.hash, pendingHash: null, approvedBy: approval.by },
      stages,
      events: [
        {
          type: 'run-approved',
          message: 'approved',
          data: { hash: plan.hash, by: approval.by, stages: stages.map(stage => stage.key) },
        },
      ],
    }
  })
}

/**
 * Lets a failed or cancelled run go on with what is unfinished. What is complete is looked at once more: where the
 * world lost it, the run pauses for an approval.
 * @throws SlipwayError `run-state` with what to do instead, `stage-unknown`, `run-superseded` when the desired state moved and `asPlanned` is
 * not set.
 */
export async function resumeRun(
  records: RunRecords,
  registry: Registry,
  run: string,
  options: { readonly by: string; readonly asPlanned?: boolean },
): Promise<void> {
  await request(records, run, async record => {
    if (record.status !== 'failed' && record.status !== 'cancelled')
      throw wrongState(record, 'resumed', insteadOfResume(record))
    const version = await records.desiredVersion(record.subject)
    if (!options.asPlanned && version !== null && version !== record.desired_version)
      throw new SlipwayError(
        'run-superseded',
        `run ${run} was planned for version ${record.desired_version} of ${record.subject.name}, which is at ${version} now`,
      )
    const stored = await records.readStages(run)
    for (const stage of stored) if (stage.disabled === undefined) registry.bind(stage)
    const again = stored.filter(stage => ['failed', 'cancelled', 'blocked'].includes(stage.status))
    const earlier = stored.filter(
      stage => stage.disabled === undefined && ['completed', 'skipped'].includes(stage.status),
    )
    return {
      run: { step: 'resume', error: null },
      stages: [
        ...again.map(({ key }): StageChange => ({ key, step: 'resume', error: null, reason: null })),
        ...earlier.map(({ key }): StageChange => ({ key, recheck: true })),
      ],
      events: [
        {
          type: 'run-resumed',
          message: 'resumed',
          data: {
            by: options.by,
            as_planned: options.asPlanned ?? false,
            stages: again.map(stage => stage.key),
          },
        },
        ...again.map(
          ({ key }): NewEvent => ({ type: 'stage-waiting', stage: key, message: 'resumed', data: { why: 'resumed' } }),
        ),
      ],
    }
  })
}

/**
 * Asks for a run's end: one that nobody works on is cancelled at once, else its worker ends all its children first. Where
 * a stage was begun that may still hold something, a worker takes the run once more and lets it go. A second request
 * changes nothing.
 * @throws SlipwayError `run-state` when it has ended already.
 */
export async function cancelRun(records: RunRecords, run: string, by: string): Promise<void> {
  await request(records, run, async record => {
    if (record.cancel_requested) return null
    const { status } = record
    if (status !== 'running' && status !== 'queued' && status !== 'awaiting_approval')
      throw wrongState(record, 'cancelled')
    const stages = await records.readStages(run)
    if (status === 'running' || stages.some(mayHold))
      return {
        ...(status === 'awaiting_approval' && { run: { step: 'give-back', pendingHash: null } }),
        cancel: true,
        events: [{ type: 'run-cancel-requested', message: 'cancel asked for', data: { by } }],
      }
    return {
      run: { step: 'withdraw', pendingHash: null },
      stages: stages.flatMap(cancelled),
      events: [{ type: 'run-cancelled', message: 'cancelled before it went on', data: { by } }],
    }
  })
}

/** An attempt was made at it, and it has not come to an end. */
const mayHold = ({ status, attempts }: StageRecord): boolean => status === 'waiting' && attempts > 0

/**
 * Reads a run, decides, and writes what was decided, all on the same state: when a worker or somebody else was faster,
 * it is decided anew. A worker writes all the time, so of a run that it has only the status counts.
 */
async function request(
  records: RunRecords,
  run: string,
  decide: (record: RunRecord) => Promise<Transition | null>,
): Promise<void> {
  for (;;) {
    const record = await records.readRun(run)
    const transition = await decide(record)
    if (transition === null) return
    const { status, seq } = record
    try {
      return await records.write(run, transition, { lease: null, ...(status !== 'running' && { seq }) })
    } catch (error) {
      if (!(error instanceof SlipwayError) || error.code !== 'run-state') throw error
      if ((await records.readRun(run)).seq === seq) throw error
    }
  }
}

const wrongState = (record: RunRecord, wanted: string, remedy?: string): SlipwayError =>
  new SlipwayError('run-state', `run ${record.id} is ${record.status}, it cannot be ${wanted}`, {
    facts: { run: record.id, [record.subject.kind]: record.subject.name, status: record.status },
    ...(remedy !== undefined && { remedy }),
  })

/** How somebody who wants to go on with a run that cannot be resumed gets there. */
function insteadOfResume({ id, subject, status, pending_hash, superseded_by }: RunRecord): string {
  switch (status) {
    case 'awaiting_approval':
      return `Approve what it would do now: slipway approve ${id} ${shortHash(pending_hash ?? '')}.`
    case 'superseded':
      if (superseded_by === null) return 'Nothing was left of it to do; `slipway apply` plans anew.'
      return `Run ${superseded_by} took its place: slipway runs ${subject.name} ${superseded_by}.`
    case 'completed':
      return 'There is nothing left to do; `slipway apply` plans anew.'
    default:
      return `It goes on by itself: slipway logs -f ${id}.`
  }
}

const toJson = (value: object) => JSON.parse(JSON.stringify(value))
