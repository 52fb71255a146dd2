import { type Finding, SlipwayError } from '../../domain/errors.ts'
import type { RecordedCluster } from '../../domain/recordedCluster.ts'
import { leftoverNotes } from '../../platform/leftovers.ts'
import { platformOf } from '../../platform/spec.ts'
import { makePlan, planFindings } from '../../engine/plan/plan.ts'
import { plan as planStages } from '../../engine/plan/planner.ts'
import { blockingFindings } from '../../engine/run/requests.ts'
import { readRecordedCluster } from '../../store/recordedCluster.ts'
import { previewDesiredState } from '../../store/previewDesiredState.ts'
import type { Application } from '../application.ts'
import { readStoredFiles } from '../../store/storedFiles.ts'
import type { Draft, OpenPlan } from './draft.ts'
import { draftOf } from './draftOf.ts'
import { unfinishedRun } from '../runs/settled.ts'
import { stageName } from '../runs/stageName.ts'
import { operationTitle, settlesRuns } from '../../contract/operations.ts'
import { idleRecords, stageRequest } from './idleRecords.ts'
import type { PlannedDraft } from './plannedDrafts.ts'
import type { Planned, PlanRequest } from '../../contract/plans.ts'
import { clusterSubject } from '../../domain/subject.ts'
import type { Plan } from '../../contract/plan.ts'

/**
 * Plans against a file, or against what is stored: looks at the machines, stores nothing.
 * @throws SlipwayError `usage`, `cluster-file-invalid`, `cluster-conflict`, `not-found`.
 */
export async function planCluster(
  application: Application,
  request: PlanRequest,
  signal: AbortSignal,
): Promise<Planned> {
  const draft = await draftOf(application, request)
  return shownPlan(await planDraft(application, draft, signal))
}

/** Looks at the machines and keeps the plan in mind for its approval. */
export async function planDraft(application: Application, draft: Draft, signal: AbortSignal): Promise<PlannedDraft> {
  const { store, sealer, planning, drafts } = application
  const { desired } = draft
  const name = desired.metadata.name
  const preview = await previewDesiredState(store.database, desired)
  const recorded = await readRecordedCluster(store.database, name)
  const opened = await planning.open(draft, recorded)
  try {
    const [stages, notes] = await Promise.all([
      planStages(opened.stages, opened.registry, {
        subject: clusterSubject(name),
        desiredVersion: preview.desired_version,
        title: operationTitle(draft.operation, name),
        operation: draft.operation,
        signal,
      }),
      platformNotes(draft, recorded, opened, signal),
    ])
    const plan = withFindings(stages, draft.accepted, [...draft.membership.findings, ...opened.findings])
    const learnt = await opened.learnt()
    const stored = preview.changed ? {} : await readStoredFiles(store.database, sealer, name, draft.keyFiles)
    const stores =
      preview.changed ||
      draft.membership.isNewFile ||
      learnt.hostKeys.length > 0 ||
      Object.entries(draft.files).some(([file, text]) => stored[file] !== text)
    const storedVersion = preview.desired_version - (preview.changed ? 1 : 0)
    const isApply = draft.operation.operation === 'apply'
    const records = !isApply || storedVersion === 0 || !recorded ? [] : idleRecords(plan, opened.registry, recorded)
    const isIdle =
      settlesRuns(draft.operation) &&
      storedVersion > 0 &&
      !plan.has_changes &&
      blockingFindings(plan, draft.accepted).length === 0
    const settles = isIdle ? ((await unfinishedRun(store.database, name, plan.title))?.id ?? null) : null
    const planned: PlannedDraft = {
      plan,
      draft,
      notes: [...(draft.notes ?? []), ...notes],
      registry: opened.registry,
      learnt,
      stores: stores || records.length > 0 || settles !== null,
      settles,
      records,
      storedVersion,
    }
    drafts.remember(planned)
    return planned
  } finally {
    await opened.close()
  }
}

/**
 * What the plan leaves on the cluster though nothing names it any more; asked only where a platform is, or was. That the API
 * does not answer its stages tell.
 */
async function platformNotes(
  { desired, operation }: Draft,
  recorded: RecordedCluster | null,
  opened: OpenPlan,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const platform = platformOf(desired.spec)
  const hasPlatform = platform !== undefined || recorded?.begun?.some(kind => kind.startsWith('platform/')) === true
  if (!settlesRuns(operation) || !recorded?.formed || !hasPlatform) return []
  const seen = await opened.leftovers(signal).catch((error: unknown) => {
    signal.throwIfAborted()
    if (error instanceof SlipwayError) return []
    throw error
  })
  return leftoverNotes(seen, platform ?? {})
}

/** What concerns the whole operation is a matter of its first stage, so that it blocks and is accepted as anything else. */
function withFindings(plan: Plan, accepted: readonly string[], ofWhole: readonly Finding[]): Plan {
  const findings = ofWhole
    .filter(({ severity, name }) => severity === 'error' || !accepted.includes(name))
    .map(({ name, severity, about, message, remedy }): Finding => ({ name, severity, about, message, remedy }))
  const [first, ...rest] = plan.stages
  if (!first || findings.length === 0) return plan
  const { hash: _hash, has_changes: _changes, ...parts } = plan
  return makePlan({ ...parts, stages: [{ ...first, unmet: [...findings, ...first.unmet] }, ...rest] })
}

export const shownPlan = ({ plan, draft, notes, registry, stores, settles }: PlannedDraft): Planned => ({
  ...plan,
  stages: plan.stages.map(stage => ({ ...stage, name: stageName(stageRequest(stage), registry) })),
  findings: planFindings(plan),
  blocked: blockingFindings(plan, draft.accepted).length > 0,
  accepted: [...draft.accepted],
  notes,
  kept: draft.membership.kept,
  returning: draft.membership.returning,
  stores,
  settles,
})
