import { isDeepStrictEqual } from 'node:util'
import { SlipwayError } from '../../domain/errors.ts'
import type { StatePlace } from '../../domain/machine.ts'
import type { AttemptContext } from '../../engine/contract/stage.ts'
import { isLeftByOurs, lockOf, signature } from '../../terraform/backend/lock.ts'
import type { RemoteState } from '../../terraform/backend/remoteState.ts'
import { managedBy } from '../../terraform/state.ts'
import type { Workspace } from '../../terraform/workspace.ts'
import { explained } from '../explained.ts'
import { isToApply, type MachineLook, planIn, recordState } from '../look.ts'
import type { MachineSession } from '../session.ts'
import type { StateWay } from '../stateLook.ts'
import { openMachine } from '../workspaceOf.ts'

type BackendWay = Extract<StateWay, { readonly kind: 'backend' }>
type Direction = 'apply' | 'destroy'

/**
 * Does what was planned, with the state in its backend: it is brought there where it is not, and locked there while
 * something is done. That it is there is on record before anything is made.
 */
export async function applyInBackend(
  session: MachineSession,
  { wanted, plan, state, left }: MachineLook,
  { backend, workspace: name, bring }: BackendWay,
  direction: Direction,
  context: AttemptContext,
): Promise<void> {
  const { uid } = wanted
  const isNothing = direction === 'destroy' && (state === null || managedBy(state).length === 0)
  const around = { environment: context.environment, signal: context.signal, folder: session.lasting(uid) }
  const before = await session.place()
  const earlier = before?.backend === backend.fingerprint ? before : null
  let place: StatePlace = {
    backend: backend.fingerprint,
    title: backend.title,
    workspace: name,
    unwritten: bring !== null && bring.text !== null,
    making: [],
    lock: { who: signature(), since: earlier?.lock?.since ?? new Date().toISOString() },
  }
  if (!isToApply(plan) && bring === null && direction === 'apply') {
    // A command whose end nobody has seen has made it whole.
    if (left !== null)
      await recordState(session, context, left, [placed(wanted.name, { ...place, lock: earlier?.lock ?? null })])
    return
  }
  const record = (message: string, over: Partial<StatePlace>) => {
    place = { ...place, ...over }
    return context.record(message, [{ type: 'machine-state-place', machine: wanted.name, place }])
  }
  // What was left on this host is on record before its folder goes.
  if (bring?.text) await recordState(session, context, bring.text, [placed(wanted.name, place)])
  else await record(`its Terraform state is in ${backend.title}, in the workspace ${name}`, {})
  await using workspace = await openMachine(session, wanted, { backend, workspace: name }, around)
  const remote = workspace?.remote
  if (!workspace || !remote) return
  const released = releasing(remote, earlier, context)
  if (bring !== null && !isNothing) {
    await released(() => remote.bring(bring.text))
    const brought = bring.text === null ? null : await remote.pull('there')
    place = { ...place, unwritten: false, making: [] }
    if (brought !== null) await recordState(session, context, brought, [placed(wanted.name, place)])
  }
  if (isToApply(plan)) {
    const file = bring === null ? plan.file : await sameAgain(workspace, plan, direction)
    await explained(
      wanted,
      released(() =>
        workspace.apply(file, {
          log: text => context.log(text),
          progress: message => context.progress(message),
          making: (making, line) => record(line, { making }),
          keep: (text, { isWritten, isUnlocked, making }) => {
            place = { ...place, unwritten: !isWritten, making, ...(isUnlocked && { lock: null }) }
            return recordState(session, context, text, [placed(wanted.name, place)])
          },
        }),
      ),
    )
  }
  if (direction === 'destroy') {
    const isGone = await released(() => remote.remove(isNothing))
    const said = isGone ? 'is removed from' : 'stays, since no state can be removed from'
    await context.record(`its Terraform state ${said} ${backend.title}`, [placed(wanted.name, null)])
  } else if (place.lock !== null) await record(`its Terraform state is unlocked in ${backend.title}`, { lock: null })
}

const placed = (machine: string, place: StatePlace | null) => ({ type: 'machine-state-place', machine, place }) as const

/** What was looked at before the state was there is planned once more where it is: only that can be applied. */
async function sameAgain(
  workspace: Workspace,
  { changes }: Pick<NonNullable<MachineLook['plan']>, 'changes'>,
  direction: Direction,
): Promise<Uint8Array> {
  const again = await planIn(workspace, direction)
  if (isDeepStrictEqual(again.changes, changes)) return again.file
  throw new SlipwayError(
    'terraform-failed',
    'what Terraform would do has changed since it was looked at: the world has moved meanwhile',
    { remedy: 'Look at the plan once more: slipway resume makes it anew.' },
  )
}

/** A lock that a killed command of ours has left stands in nobody's way; every other one does. */
function releasing(remote: RemoteState, earlier: StatePlace | null, context: AttemptContext) {
  return async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call()
    } catch (error) {
      const lock = lockOf(error)
      if (lock === null || !isLeftByOurs(lock, earlier?.lock ?? null)) throw error
      await context.progress(
        `its Terraform state was locked by an interrupted run of its own since ${new Date(lock.created).toISOString()}: the lock ${lock.id} is released`,
      )
      await remote.unlock(lock.id)
      return call()
    }
  }
}

/**
 * What a backend that was not gone by has of a machine is told when that is gone: nobody else would remember. It counts no
 * more.
 */
export const leaveBackend = (machine: string, { title, workspace }: StatePlace, context: AttemptContext) =>
  context.record(`whatever ${title} still has in the workspace ${workspace} stays there, and is yours to remove`, [
    placed(machine, null),
  ])
