import { isIPv6 } from 'node:net'
import type { Machine, MachineDetail, MachineWish, StartMachine } from '../../contract/machines.ts'
import type { PageQuery } from '../../contract/page.ts'
import type { Planned } from '../../contract/plans.ts'
import type { StartedRun } from '../../contract/runs.ts'
import type { Plan } from '../../contract/plan.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { machineSubject } from '../../domain/machine.ts'
import { refuseOtherHash } from '../../domain/planHash.ts'
import { createRegistry } from '../../engine/contract/registry.ts'
import { planFindings, makePlan } from '../../engine/plan/plan.ts'
import { plan as planStages } from '../../engine/plan/planner.ts'
import { blockingFindings } from '../../engine/run/requests.ts'
import { machineState } from '../../machines/machineState.ts'
import { outputsOf } from '../../machines/outputs.ts'
import { machinePipeline, machineTitle } from '../../machines/pipeline.ts'
import { readMachineSpec, writtenSpec } from '../../machines/spec.ts'
import { machineStageKinds } from '../../machines/stageKinds.ts'
import { hostKeysOf } from '../../store/hostKeys.ts'
import { listMachines, type MachineRecord, machineScope, readMachine } from '../../store/machines.ts'
import { findMachineUse } from '../../store/machineUse.ts'
import { listRuns } from '../../store/runs.ts'
import { startMachineRun } from '../../store/startMachineRun.ts'
import { keepFiles } from '../../store/storedFiles.ts'
import type { Database } from '../../store/tables.ts'
import { managedBy } from '../../terraform/state.ts'
import type { Application } from '../application.ts'
import { page } from '../http/page.ts'
import { tellingWhoIsAtIt } from '../runs/executed.ts'
import { shownRun } from '../runs/actions.ts'
import { stageRequest } from '../plans/idleRecords.ts'
import { stageName } from '../runs/stageName.ts'
import { machineDraft } from './draft.ts'
import type { MachineDraft } from './wanted.ts'

/** What would be done to a machine; nothing is stored. @throws SlipwayError `machine-invalid`, `machine-exists`. */
export async function planMachine(
  application: Application,
  name: string,
  wish: MachineWish,
  signal: AbortSignal,
): Promise<Planned> {
  const draft = await machineDraft(application, name, wish)
  return draft === null
    ? nothingPlanned(application, name)
    : shownPlan(application, draft, await planDraft(application, draft, signal))
}

/**
 * Puts the machine on record and creates the run of its plan, all or nothing.
 * @throws SlipwayError as `planMachine`, and `plan-changed`, `preflight-failed`, `lease-held`.
 */
export async function startMachine(
  application: Application,
  name: string,
  { approve, ...wish }: StartMachine,
  by: string,
  signal: AbortSignal,
): Promise<StartedRun> {
  const draft = await machineDraft(application, name, wish)
  if (draft === null) return { run: null, settled: null, plan: nothingPlanned(application, name) }
  const known = approve === null ? undefined : application.machineDrafts.find(draft, approve)?.plan
  const plan = known ?? (await planDraft(application, draft, signal))
  if (approve !== null) refuseOtherHash(approve, plan.hash)
  const blocking = blockingFindings(plan, draft.accepted)
  const [first] = blocking
  if (first) throw new SlipwayError('preflight-failed', `${first.about}: ${first.message}`, { findings: blocking })
  const { store, sealer, machines } = application
  const { spec, provider, keyFiles, files, accepted, changed, record } = draft
  const uid = record?.uid ?? (await machines.draft(draft).wanted()).uid
  const run = await startMachineRun(store.database, {
    plan,
    approval: { by, accepted },
    machine: changed ? { name, uid, provider: provider.name, spec: writtenSpec(spec) } : null,
    keep: tx => keepFiles(tx, sealer, machineScope(name), keyFiles, files),
  }).catch((error: unknown) => tellingWhoIsAtIt(application, error))
  if (run !== null) {
    application.machineDrafts.forget(draft)
    application.wantWorker('started')
  }
  return { run, settled: null, plan: shownPlan(application, draft, plan) }
}

/** By name. */
export async function listShownMachines({ store }: Application, { after, limit }: PageQuery) {
  const records = await listMachines(store.database, { limit: limit + 1, ...(after !== undefined && { after }) })
  const keys = await pinnedKeys(store.database, records)
  const shown = await Promise.all(records.map(record => shownMachine({ store }, record, keys)))
  return page(shown, limit, ({ name }) => name)
}

/** A machine whose runs are on record is one that there is, or was. @throws SlipwayError `not-found`. */
export async function requireMachineRuns({ store }: Application, name: string): Promise<void> {
  const [run] = await listRuns(store.database, { subject: machineSubject(name), limit: 1 })
  if (!run) await readMachine(store.database, name)
}

/** The newest first; also of one that is off the record. @throws SlipwayError `not-found` when there never was such a machine. */
export async function listMachineRuns({ store }: Application, name: string, { after, limit }: PageQuery) {
  const query = { subject: machineSubject(name), limit: limit + 1, ...(after !== undefined && { before: after }) }
  const runs = await listRuns(store.database, query)
  if (runs.length === 0) await readMachine(store.database, name)
  const shown = await Promise.all(runs.map(run => shownRun(store.database, run)))
  return page(shown, limit, run => run.created)
}

/** @throws SlipwayError `not-found`, `terraform-state-unreadable`. */
export async function showMachine({ store, machines }: Application, name: string): Promise<MachineDetail> {
  const { database } = store
  const record = await readMachine(database, name)
  const text = await machines.session(name).state()
  const state = text === null ? null : machineState(text, name)
  const [run] = await listRuns(database, { subject: machineSubject(name), limit: 1 })
  return {
    ...(await shownMachine({ store }, record, await pinnedKeys(database, [record]))),
    spec: record.spec as MachineDetail['spec'],
    outputs: state ? { ...outputsOf(state).others } : {},
    resources: state ? managedBy(state) : [],
    state_place: record.state_place && {
      backend: record.state_place.title,
      workspace: record.state_place.workspace,
    },
    last_run: run ? await shownRun(database, run) : null,
  }
}

/** `ops@gate.example:2222` */
const jumpText = ({
  user,
  host,
  port,
}: {
  user?: string | undefined
  host: string
  port?: number | undefined
}): string =>
  `${user === undefined ? '' : `${user}@`}${isIPv6(host) ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`

/** Lines of known_hosts by the machines that have answered. */
async function pinnedKeys(database: Database, records: readonly MachineRecord[]): Promise<ReadonlyMap<string, string>> {
  const scopes = new Map(records.map(({ name }) => [machineScope(name), name]))
  const keys = await hostKeysOf(database, [...scopes.keys()])
  return new Map(
    keys.flatMap(({ cluster, host, key_lines: lines }) => (scopes.get(cluster) === host ? [[host, lines.trim()]] : [])),
  )
}

async function shownMachine(
  { store }: Pick<Application, 'store'>,
  record: MachineRecord,
  keys: ReadonlyMap<string, string>,
): Promise<Machine> {
  const { name, uid, provider, status, status_since, addresses, last_error, desired_version, created, updated } = record
  const read = readMachineSpec(record.spec)
  const ssh =
    read.ok && !read.provider.shared
      ? {
          user: read.spec.ssh?.user ?? 'root',
          port: read.spec.ssh?.port ?? 22,
          key_file: read.spec.ssh?.key_file ?? null,
          jump: (read.spec.ssh?.jump ?? []).map(jumpText),
        }
      : null
  const node = await findMachineUse(store.database, name, addresses)
  return {
    name,
    uid,
    provider,
    status,
    status_since,
    addresses,
    last_error,
    use: node && { cluster: node.cluster, status: node.status },
    ssh,
    host_key: keys.get(name) ?? null,
    dotfiles_local_path: (read.ok ? read.spec.dotfiles_local_path : undefined) ?? null,
    desired_version,
    created,
    updated,
  }
}

/** Looks at the machine, and keeps the plan in mind for its approval where it can be approved. */
async function planDraft(
  { machines, machineDrafts }: Application,
  draft: MachineDraft,
  signal: AbortSignal,
): Promise<Plan> {
  const { name, operation, record, changed } = draft
  const session = machines.draft(draft)
  const plan = await planStages(machinePipeline(name, operation), createRegistry(machineStageKinds(() => session)), {
    subject: machineSubject(name),
    desiredVersion: (record?.desired_version ?? 0) + (changed ? 1 : 0),
    title: machineTitle(name, operation),
    signal,
  })
  // What stands in its way may be gone when it is approved: then it is looked at once more.
  if (blockingFindings(plan, draft.accepted).length > 0) machineDrafts.forget(draft)
  else machineDrafts.remember({ draft, plan })
  return plan
}

function shownPlan(
  { registry }: Application,
  { accepted, changed }: Pick<MachineDraft, 'accepted' | 'changed'>,
  plan: Plan,
): Planned {
  return {
    ...plan,
    stages: plan.stages.map(stage => ({ ...stage, name: stageName(stageRequest(stage), registry) })),
    findings: planFindings(plan),
    blocked: blockingFindings(plan, accepted).length > 0,
    accepted: [...accepted],
    notes: [],
    kept: [],
    returning: [],
    stores: changed,
    settles: null,
  }
}

/** Of a machine that is to go and is not there. */
const nothingPlanned = (application: Application, name: string): Planned =>
  shownPlan(
    application,
    { accepted: [], changed: false },
    makePlan({
      subject: machineSubject(name),
      title: machineTitle(name, 'machine-destroy'),
      desired_version: 0,
      stages: [],
    }),
  )
