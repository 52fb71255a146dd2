import { readAcceptance } from '../../domain/acceptance.ts'
import type { Finding } from '../../domain/errors.ts'
import { makePlan, planFindings } from '../../engine/plan/plan.ts'
import { plan as planStages } from '../../engine/plan/planner.ts'
import { blockingFindings } from '../../engine/run/requests.ts'
import { readCluster, readDesiredState } from '../../store/clusters.ts'
import { type DroppedNode, droppedNodes, listNodeStates } from '../../store/nodes.ts'
import { readMadeWith } from '../../store/madeWith.ts'
import { previewDesiredState } from '../../store/previewDesiredState.ts'
import type { Application } from '../application.ts'
import { checkCluster } from '../../domain/clusterRules.ts'
import { fixedSettingFindings } from '../../domain/rules/fixedSettings.ts'
import { readDocument } from '../documents/readDocument.ts'
import { readStoredFiles } from '../../store/storedFiles.ts'
import type { Draft } from './draft.ts'
import { unfinishedRun } from '../runs/settled.ts'
import { stageName } from '../runs/stageName.ts'
import { idleRecords, type Recorded, stageRequest } from './idleRecords.ts'
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

/** The desired state that a request is about, with its secrets. */
export async function draftOf(application: Application, request: PlanRequest): Promise<Draft> {
  if (request.document) {
    const { desired, files } = readDocument(request.document)
    return { desired, files, accepted: acceptedFor(desired, request) }
  }
  const { store, sealer } = application
  const name = request.cluster ?? ''
  const desired = await readDesiredState(store.database, name)
  const files = await readStoredFiles(store.database, sealer, name, desired.spec)
  return { desired, files, accepted: acceptedFor(desired, request) }
}

const acceptedFor = ({ spec }: Draft['desired'], { accept }: PlanRequest): string[] =>
  readAcceptance(
    accept,
    spec.nodes.map(node => node.hostname),
  )

/** Looks at the machines and keeps the plan in mind for its approval. */
export async function planDraft(application: Application, draft: Draft, signal: AbortSignal): Promise<PlannedDraft> {
  const { store, sealer, planning, drafts } = application
  const { desired } = draft
  const name = desired.metadata.name
  const preview = await previewDesiredState(store.database, desired)
  const dropped = await droppedNodes(
    store.database,
    name,
    desired.spec.nodes.map(node => node.hostname),
  )
  const madeWith = await readMadeWith(store.database, name)
  const changed = madeWith ? fixedSettingFindings(madeWith, desired.spec) : []
  const opened = await planning.open(draft)
  try {
    const plan = await planStages(opened.requests, opened.registry, {
      subject: clusterSubject(name),
      desiredVersion: preview.desired_version,
      signal,
    })
    const stored = preview.changed ? {} : await readStoredFiles(store.database, sealer, name, desired.spec)
    const stores =
      preview.changed ||
      (await opened.hasLearnt()) ||
      Object.entries(draft.files).some(([file, text]) => stored[file] !== text)
    const storedVersion = preview.desired_version - (preview.changed ? 1 : 0)
    const whole = withRuleFindings(plan, draft, [...changed, ...dropped.map(notNamed)])
    const records = storedVersion === 0 ? [] : idleRecords(whole, opened.registry, await recorded(store.database, name))
    const isIdle = storedVersion > 0 && !whole.has_changes && blockingFindings(whole, draft.accepted).length === 0
    const settles = isIdle ? ((await unfinishedRun(store.database, name))?.id ?? null) : null
    const planned: PlannedDraft = {
      plan: whole,
      draft,
      opened,
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

async function recorded(database: Application['store']['database'], cluster: string): Promise<Recorded> {
  const [{ installation_stage }, nodes] = await Promise.all([
    readCluster(database, cluster),
    listNodeStates(database, cluster),
  ])
  return { installation_stage, nodes }
}

/**
 * What concerns the whole file is a matter of the first stage, so that it blocks and is accepted as anything else: the
 * rules over all nodes, settings that the cluster keeps, and nodes that the file no longer names (nothing may drop out of
 * sight while it runs on).
 */
function withRuleFindings(plan: Plan, { desired, accepted }: Draft, ofRecord: readonly Finding[]): Plan {
  const findings = [...checkCluster(desired.spec), ...ofRecord]
    .filter(({ severity, name }) => severity === 'error' || !accepted.includes(name))
    .map(({ name, severity, about, message, remedy }): Finding => ({ name, severity, about, message, remedy }))
  const [first, ...rest] = plan.stages
  if (!first || findings.length === 0) return plan
  const { hash: _hash, has_changes: _changes, ...parts } = plan
  return makePlan({ ...parts, stages: [{ ...first, unmet: [...findings, ...first.unmet] }, ...rest] })
}

const notNamed = ({ hostname, member }: DroppedNode): Finding =>
  member
    ? {
        name: 'member-not-named',
        severity: 'error',
        about: `node ${hostname}`,
        message: 'it is a member of the cluster, and the file no longer names it',
        remedy: 'Put it back into the file: apply does not remove members.',
      }
    : {
        name: 'unfinished-not-named',
        severity: 'warning',
        about: `node ${hostname}`,
        message: 'its installation was begun and never finished, and the file no longer names it',
        remedy: `If it will not come back: accept it, and it is taken off the record; should the cluster know it already, then also kubectl delete node ${hostname}. Otherwise put it back into the file.`,
      }

export const shownPlan = ({ plan, draft, opened: { registry }, stores, settles }: PlannedDraft): Planned => ({
  ...plan,
  stages: plan.stages.map(stage => ({ ...stage, name: stageName(stageRequest(stage), registry) })),
  findings: planFindings(plan),
  blocked: blockingFindings(plan, draft.accepted).length > 0,
  accepted: [...draft.accepted],
  stores,
  settles,
})
