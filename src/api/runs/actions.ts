import { keepLearnt } from '../../clusters/learnt.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { refuseOtherHash } from '../../domain/planHash.ts'
import type { RunRecord, StageRecord } from '../../engine/contract/records.ts'
import type { Registry } from '../../engine/contract/registry.ts'
import { approveRun, blockingFindings, cancelRun, resumeRun } from '../../engine/run/requests.ts'
import { listRuns, readRun, readStages } from '../../store/runs.ts'
import { startRun as storeAndStart } from '../../store/startRun.ts'
import type { Database } from '../../store/tables.ts'
import type { Application } from '../application.ts'
import { requireRunsOf } from '../../store/uninstalls.ts'
import { keepFiles } from '../../store/storedFiles.ts'
import { page } from '../http/page.ts'
import { keepMachines } from '../machines/keepMachines.ts'
import { planDraft, shownPlan } from '../plans/actions.ts'
import { draftOf } from '../plans/draftOf.ts'
import { stageName } from './stageName.ts'
import { settleUnfinished } from './settled.ts'
import { isExecuted, tellingWhoIsAtIt } from './executed.ts'
import { type OperationRequest, removedByName, settlesRuns } from '../../contract/operations.ts'
import type { ResumeRun, Run, RunDetail, Stage, StartedRun, StartRun } from '../../contract/runs.ts'
import { clusterSubject } from '../../domain/subject.ts'
import type { PageQuery } from '../../contract/page.ts'

/**
 * Stores the desired state and creates the run of its plan. An approved hash must be the plan's; without one the plan
 * is taken as it is. Nothing is stored unless everything allows the run.
 * @throws SlipwayError `cluster-file-invalid`, `cluster-conflict`, `plan-changed`, `preflight-failed`, `lease-held`.
 */
export async function startRun(
  application: Application,
  cluster: string,
  request: StartRun,
  by: string,
  signal: AbortSignal,
): Promise<StartedRun> {
  const draft = await draftOf(application, {
    ...(request.document ? { document: request.document } : { cluster }),
    operation: request.operation,
    accept: request.accept,
  })
  if (draft.desired.metadata.name !== cluster)
    throw new SlipwayError('usage', `the file describes cluster ${draft.desired.metadata.name}, not ${cluster}`)
  refuseUnconfirmed(cluster, request.operation)
  const known = request.approve === null ? null : application.drafts.find(draft, request.approve)
  const planned = known ?? (await planDraft(application, draft, signal))
  const { plan } = planned
  if (request.approve !== null) refuseOtherHash(request.approve, plan.hash)
  const blocking = blockingFindings(plan, draft.accepted)
  const [first] = blocking
  if (first) throw new SlipwayError('preflight-failed', `${first.about}: ${first.message}`, { findings: blocking })
  const { store, sealer } = application
  const run = await storeAndStart(store.database, {
    desired: draft.desired,
    written: draft.written,
    storedVersion: planned.storedVersion,
    plan,
    approval: { by, accepted: draft.accepted },
    leaving: removedByName(draft.operation),
    records: planned.records,
    async keep(tx) {
      await keepFiles(tx, sealer, cluster, draft.keyFiles, draft.files)
      await keepLearnt(tx, sealer, cluster, planned.learnt)
      await keepMachines(tx, application, draft)
    },
  }).catch((error: unknown) => tellingWhoIsAtIt(application, error))
  if (run !== null) {
    application.drafts.forget(draft)
    application.wantWorker('started')
  }
  const { hash, title } = plan
  const settled =
    run === null && settlesRuns(draft.operation) ? await settleUnfinished(store, cluster, { hash, title, by }) : null
  return { run, settled, plan: shownPlan(planned) }
}

/** What takes all away is started only by somebody who says what of. @throws SlipwayError `approval-needed`. */
function refuseUnconfirmed(cluster: string, request: OperationRequest): void {
  if (request.operation !== 'uninstall' || request.confirm === cluster) return
  const message =
    request.confirm === null
      ? `nobody has typed the name of the cluster that is to be uninstalled`
      : `${request.confirm} was typed, and the cluster that is to be uninstalled is ${cluster}`
  throw new SlipwayError('approval-needed', message, {
    facts: { cluster },
    remedy: `Type it: slipway uninstall ${cluster} --confirm ${cluster}.`,
  })
}

/** The newest first. @throws SlipwayError `not-found` when there is no such cluster. */
export async function listClusterRuns({ store }: Application, cluster: string, { after, limit }: PageQuery) {
  await requireRunsOf(store.database, cluster)
  const runs = await listRuns(store.database, {
    subject: clusterSubject(cluster),
    limit: limit + 1,
    ...(after !== undefined && { before: after }),
  })
  const shown = await Promise.all(runs.map(run => shownRun(store.database, run)))
  return page(shown, limit, run => run.created)
}

/** @throws SlipwayError `not-found`. */
export async function showRun(application: Application, id: string): Promise<RunDetail> {
  const { database, records } = application.store
  const run = await readRun(database, id)
  const stages = await readStages(database, id)
  const pending = run.pending_hash === null ? null : await records.findPlan(run.pending_hash)
  return {
    ...(await shownRun(database, run)),
    stages: stages.map(stage => shownStage(stage, application.registry)),
    pending_plan: pending,
  }
}

/** @throws SlipwayError `run-state`, `plan-changed`. */
export async function approvePausedRun(application: Application, id: string, hash: string, by: string): Promise<void> {
  await approveRun(application.store.records, id, { by, hash })
  application.wantWorker('started')
}

/** @throws SlipwayError `run-state`, `run-superseded`, `stage-unknown`. */
export async function resumeEndedRun(
  application: Application,
  id: string,
  options: ResumeRun & { readonly by: string },
): Promise<void> {
  await resumeRun(application.store.records, application.registry, id, {
    by: options.by,
    asPlanned: options.as_planned,
  })
  application.wantWorker('started')
}

/** @throws SlipwayError `run-state` when it has ended already. */
export async function cancelOpenRun(application: Application, id: string, by: string): Promise<void> {
  await cancelRun(application.store.records, id, by)
  application.wantWorker('started')
}

export const shownRun = async (database: Database, run: RunRecord): Promise<Run> => ({
  ...run,
  executed: await isExecuted(database, run),
})

const shownStage = (stage: StageRecord, registry: Registry): Stage => ({
  key: stage.key,
  kind: stage.kind,
  name: stageName(stage, registry),
  title: stage.title,
  needs: stage.needs.map(({ stage: key, until }) => ({ stage: key, until: until ?? 'completed' })),
  disabled: stage.disabled ?? null,
  optional: stage.optional ?? false,
  status: stage.status,
  decision: stage.decision,
  reason: stage.reason,
  attempts: stage.attempts,
  error: stage.error,
  started: stage.started,
  ended: stage.ended,
})
