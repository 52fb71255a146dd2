import type { MachineCheck } from '../../contract/machines.ts'
import { endedStatuses } from '../../contract/events.ts'
import { SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import { machineSubject } from '../../domain/machine.ts'
import { managedIds } from '../../machines/outputs.ts'
import { allAtProvider } from '../../machines/remains.ts'
import { markIn } from '../../machines/stateLook.ts'
import { filesOf, readMachineSpec } from '../../machines/spec.ts'
import {
  findMachine,
  listMachines,
  listMachineStates,
  type MachineRecord,
  machineScope,
  machineStatePurpose,
  putMachine,
  applyMachineChange,
} from '../../store/machines.ts'
import { findInstallation } from '../../store/identity.ts'
import { machineNames } from '../../store/machineUid.ts'
import { listRuns } from '../../store/runs.ts'
import { keepFiles, readStoredFiles } from '../../store/storedFiles.ts'
import { transaction } from '../../store/transaction.ts'
import { managedBy, readState } from '../../terraform/state.ts'
import type { TerraformState } from '../../terraform/shapes.ts'
import type { Application } from '../application.ts'
import { isInterrupted } from '../runs/interrupted.ts'
import { keyFilesOf } from './keepMachines.ts'
import { unansweredOf } from './unanswered.ts'

/** What is not as it should be with machines, as far as the record and the providers of machines on record tell. */
export async function checkMachines(application: Application, signal: AbortSignal): Promise<MachineCheck> {
  const { remains, ...rest } = await lookAtAll(application, signal)
  return { ...rest, remains: remains.map(({ like: _like, ...one }) => one) }
}

/**
 * Takes a machine that is off the record, and of which a provider has something, back on record, so that it can be destroyed
 * as any other one. It is put there with the settings of the machine by whose provider it was found.
 * @throws SlipwayError `not-found` where there is nothing of it; `machine-exists`.
 */
export async function adoptRemains(application: Application, name: string, signal: AbortSignal): Promise<void> {
  const { store, sealer } = application
  if (await findMachine(store.database, name)) throw new SlipwayError('machine-exists', `machine ${name} is on record`)
  const found = (await lookAtAll(application, signal)).remains.find(one => one.machine === name)
  if (!found)
    throw new SlipwayError('not-found', `no provider that could be asked has anything of a machine ${name}`, {
      remedy: 'See what there is: slipway machine check.',
    })
  const { like, uid, what } = found
  const reading = readMachineSpec(like.spec)
  const files = reading.ok ? keyFilesOf(filesOf(reading.spec, reading.provider)) : []
  const contents = await readStoredFiles(store.database, sealer, machineScope(like.name), files)
  await transaction(store.database, async tx => {
    await putMachine(tx, { name, uid, provider: like.provider, spec: like.spec })
    await keepFiles(tx, sealer, machineScope(name), files, contents)
    const error = `it was off the record, and its provider has ${what}`
    await applyMachineChange(tx, { type: 'machine-status', machine: name, status: 'failed', error })
  })
}

type Remains = MachineCheck['remains'][number] & { readonly like: MachineRecord }

async function lookAtAll(
  application: Application,
  signal: AbortSignal,
): Promise<Omit<MachineCheck, 'remains'> & { readonly remains: readonly Remains[] }> {
  const records = await allRecords(application)
  const states = await allStates(application)
  const [unattended, unanswered, atProviders, inBackend] = await Promise.all([
    unattendedOf(application, records),
    unansweredOf(application, records, signal),
    remainsOf(application, records, states, signal),
    orphanedWorkspaces(application, records, signal),
  ])
  const known = new Set(records.map(({ name }) => name))
  const orphaned = [...states].filter(([machine]) => !known.has(machine))
  // What a run is making now is in its state in a moment.
  const left = new Set(unattended.map(({ machine }) => machine))
  const atWork = new Set(
    records.flatMap(({ uid, name, status }) => (restless.has(status) && !left.has(name) ? [uid] : [])),
  )
  return {
    unattended,
    unanswered,
    states: orphaned.map(([machine, state]) => ({ machine, resources: state && managedBy(state) })),
    remains: atProviders.remains.filter(({ uid }) => !atWork.has(uid)),
    unasked: atProviders.unasked,
    ...inBackend,
  }
}

/** Workspaces of this installation in the backend for states whose machine is not on record, or is another one by now. */
async function orphanedWorkspaces(
  { store, machines }: Application,
  records: readonly MachineRecord[],
  signal: AbortSignal,
): Promise<Pick<MachineCheck, 'workspaces' | 'backend_unasked'>> {
  const none = { workspaces: [], backend_unasked: null }
  try {
    const found = await machines.workspaces(signal)
    if (!found?.names) return none
    const { mark } = await findInstallation(store.database)
    const known = new Set(records.map(({ uid }) => uid))
    const orphaned = found.names.filter(name => {
      const uid = markIn(name)
      return uid !== null && uid.startsWith(mark) && !known.has(uid)
    })
    return { ...none, workspaces: orphaned.map(workspace => ({ backend: found.title, workspace })) }
  } catch (thrown) {
    signal.throwIfAborted()
    const { message, remedy } = toSlipwayError(thrown)
    return { ...none, backend_unasked: { reason: message, remedy } }
  }
}

async function allRecords({ store }: Application): Promise<readonly MachineRecord[]> {
  const limit = 1000
  const records: MachineRecord[] = []
  for (;;) {
    const after = records.at(-1)?.name
    const page = await listMachines(store.database, { limit, ...(after !== undefined && { after }) })
    records.push(...page)
    if (page.length < limit) return records
  }
}

/** By machine; null for one that cannot be read. */
async function allStates({ store, sealer }: Application): Promise<ReadonlyMap<string, TerraformState | null>> {
  const states = await listMachineStates(store.database)
  return new Map(
    states.map(({ name, sealed }) => [
      name,
      readable(() => readState(sealer.open(machineStatePurpose(name), sealed), name)),
    ]),
  )
}

function readable<Result>(read: () => Result): Result | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof SlipwayError) return null
    throw error
  }
}

const restless: ReadonlySet<MachineRecord['status']> = new Set(['pending', 'creating', 'destroying'])

async function unattendedOf(
  application: Application,
  records: readonly MachineRecord[],
): Promise<MachineCheck['unattended']> {
  const found = await Promise.all(
    records
      .filter(({ status }) => restless.has(status))
      .map(async ({ name: machine, status }) => {
        const [run] = await listRuns(application.store.database, { subject: machineSubject(machine), limit: 1 })
        const isLeft =
          !run ||
          endedStatuses.has(run.status) ||
          run.status === 'awaiting_approval' ||
          (await isInterrupted(application, run))
        return isLeft
          ? [{ machine, status, run: run ? { id: run.id, status: run.status, pending_hash: run.pending_hash } : null }]
          : []
      }),
  )
  return found.flat()
}

/** Asks every provider once with each of its settings. */
async function remainsOf(
  { store, sealer, machines }: Application,
  records: readonly MachineRecord[],
  states: ReadonlyMap<string, TerraformState | null>,
  signal: AbortSignal,
): Promise<{ readonly remains: readonly Remains[]; readonly unasked: MachineCheck['unasked'] }> {
  const managed = [...states.values()].flatMap(state => (state ? managedIds(state) : []))
  const names = await machineNames(store.database, sealer)
  const onRecord = new Set(records.map(({ uid }) => uid))
  const groups = Map.groupBy(records, settingsOf)
  const asked = await Promise.all([...groups.values()].flatMap(([like]) => (like ? [ask(like)] : [])))
  const remains = asked.flatMap(one => one.remains)
  // Two settings may lead to one place.
  return {
    remains: [...new Map(remains.map(one => [`${one.provider} ${one.uid} ${one.what}`, one])).values()],
    unasked: asked.flatMap(one => one.unasked),
  }

  async function ask(like: MachineRecord) {
    const { provider } = like
    const unable = (reason: string, remedy: string) => ({ remains: [], unasked: [{ provider, reason, remedy }] })
    try {
      const session = machines.session(like.name)
      const found = await allAtProvider(session, { signal })
      if (found === null) return { remains: [], unasked: [] }
      if (!found.asked) return unable(found.reason, found.remedy)
      const { idOf } = (await session.wanted()).provider
      const ids = new Set(managed.map(id => idOf?.(id) ?? id))
      return {
        unasked: [],
        remains: found.leftovers
          .filter(({ id }) => !ids.has(id))
          .map(({ uid, what }) => ({
            provider,
            uid,
            what,
            machine: names.get(uid) ?? records.find(one => one.uid === uid)?.name ?? null,
            on_record: onRecord.has(uid),
            like,
          })),
      }
    } catch (thrown) {
      signal.throwIfAborted()
      const { message, remedy } = toSlipwayError(thrown)
      return unable(message, remedy)
    }
  }
}

/** Who is asked, and how: machines that differ in their size alone are at one place. */
const settingsOf = ({ provider, spec }: MachineRecord): string => JSON.stringify([provider, spec[provider] ?? null])
