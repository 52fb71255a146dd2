import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { atMost } from '../engine/plan/atMost.ts'
import type { DomainChange } from '../domain/changes.ts'
import type { AttemptContext, StageContext, Unmet } from '../engine/contract/stage.ts'
import { managedBy } from '../terraform/state.ts'
import type { TerraformState } from '../terraform/shapes.ts'
import type { LookedPlan, Workspace } from '../terraform/workspace.ts'
import type { Found, Leftover, ProviderCalls, SettingsFault } from './contract.ts'
import { explained } from './explained.ts'
import { machineState } from './machineState.ts'
import { managedIds } from './outputs.ts'
import type { MachineSession, WantedRecord } from './session.ts'
import { leftBehind, lookAtState, recordedState, type StateLook, type StateWay } from './stateLook.ts'
import { loginOf, machineRoot, type openMachine, openRoot } from './workspaceOf.ts'

/** Looks at once: each is a command with its plugin, some 150 MB, that is at work for as long as it lasts. */
const inTurn = atMost(4 * availableParallelism())

/** A machine as it stands, and what would be done to it. */
export interface MachineLook {
  readonly wanted: WantedRecord
  readonly state: TerraformState | null
  /** Why there is no state, though there is one on record; only where the machine is to go. */
  readonly lost: string | null
  /** The state in clear, where it tells more than the one on record: a run was interrupted. Null: it does not. */
  readonly left: string | null
  /** Where its state is, and is to be. */
  readonly way: StateWay
  /** What has to be accepted of that. */
  readonly strayed: Unmet | null
  /** Null: its provider makes nothing. */
  readonly plan: LookedPlan | null
  /** What its provider has of it that the state does not know. */
  readonly leftovers: Found
  /** What stands in the way of making it, as its provider tells before anything is made. */
  readonly hindrances: readonly SettingsFault[]
}

/**
 * Resources are to be changed; or only what the module tells of them, which a command that was killed when all was made did
 * not come to.
 */
export const isToApply = (plan: LookedPlan | null): plan is LookedPlan =>
  plan !== null && (plan.changes.length > 0 || plan.retold)

/**
 * @param direction what is to become of it: `apply`, as it is wanted; `destroy`, nothing is left of it.
 * @throws SlipwayError as `openWorkspace` and `lookAtState`.
 */
export async function lookAtMachine(
  session: MachineSession,
  direction: 'apply' | 'destroy',
  { signal, ahead }: Pick<StageContext, 'signal' | 'ahead'>,
): Promise<MachineLook> {
  const wanted = await session.wanted()
  const around = { environment: ahead?.environment ?? session.environment, signal }
  await using stands = await inTurn(() => lookAtState(session, wanted, direction, around), signal)
  const { text, lost, left, way, strayed } = stands
  if (lost !== null && direction === 'apply') throw lost
  const state = text === null ? null : machineState(text, wanted.name)
  const moved = direction === 'apply' && state !== null ? movedTo(wanted) : null
  if (moved)
    return { wanted, state, lost: null, left, way, strayed, plan: null, leftovers: nothing, hindrances: [moved] }
  const calls = callsOf(session, around)
  const [plan, leftovers, hindrances] = await Promise.all([
    explained(
      wanted,
      inTurn(() => planned(session, wanted, stands, direction, { ...around, isRun: ahead !== undefined }), signal),
    ),
    leftoversOf(wanted, state, direction, calls),
    direction === 'apply' ? hindrancesOf(wanted, calls) : [],
  ])
  return { wanted, state, lost: lost?.message ?? null, left, way, strayed, plan, leftovers, hindrances }
}

/** What one provider has made no other one can change: its module knows nothing of it. Null: it is the same. */
const movedTo = ({ name, provider, madeBy }: WantedRecord): SettingsFault | null =>
  madeBy === provider.name
    ? null
    : {
        name: 'machine-provider-changed',
        path: '',
        message: `it was made by ${madeBy}, and ${provider.name} is to make it now`,
        remedy: `Leave it with ${madeBy}, and give what ${provider.name} makes another name; or take it away first: slipway machine destroy ${name}.`,
      }

/** Puts it on record, where there is one; what it lay in is not needed any more. */
export async function recordLeft(session: MachineSession, context: AttemptContext): Promise<void> {
  const wanted = await session.wanted()
  const { recorded } = await recordedState(session)
  const left = await leftBehind(session, wanted, recorded)
  if (left !== null) await recordState(session, context, left)
  await rm(session.lasting(wanted.uid), { recursive: true, force: true })
}

/** Puts a state in clear on record, and what else is known with it. */
export async function recordState(
  session: MachineSession,
  context: AttemptContext,
  text: string,
  beside: readonly DomainChange[] = [],
): Promise<void> {
  const state = machineState(text, session.machine)
  const there = managedBy(state)
  const message = there.length === 0 ? 'on record: nothing is left' : `on record: ${there.join(', ')}`
  await context.record(message, [session.sealState(text, state), ...beside])
}

type Around = Parameters<typeof openMachine>[3]

/** What a provider's own calls for a machine are made with. */
export const callsOf = (session: MachineSession, { environment, signal }: Around): ProviderCalls => ({
  environment,
  signal,
  directory: session.directory,
  file: path => session.file(path),
})

async function planned(
  session: MachineSession,
  wanted: WantedRecord,
  { remote, text, way }: Pick<StateLook, 'remote' | 'text' | 'way'>,
  direction: 'apply' | 'destroy',
  { isRun, ...around }: Around & { readonly isRun: boolean },
): Promise<LookedPlan | null> {
  if (direction === 'destroy' && text === null) return null
  if (remote) return planIn(remote, direction)
  const name = way.kind === 'backend' ? way.workspace : wanted.name
  const root = await machineRoot(session, wanted, { backend: null, workspace: name, state: text })
  if (!root) return null
  return session.plans[isRun ? 'taken' : 'shown'](root, direction, async () => {
    await using workspace = await openRoot(session, root, around)
    return await planIn(workspace, direction)
  })
}

export async function planIn(workspace: Workspace, direction: 'apply' | 'destroy'): Promise<LookedPlan> {
  const plan = await workspace.plan(direction)
  return { ...plan, file: await workspace.planFile() }
}

const nothing: Found = { asked: true, leftovers: [] }

/** One that has answered was made whole: what its provider has of it is what the state tells. */
async function leftoversOf(
  { status, spec, provider, uid }: WantedRecord,
  state: TerraformState | null,
  direction: 'apply' | 'destroy',
  calls: ProviderCalls,
): Promise<Found> {
  if (status === null || (direction === 'apply' && status === 'active' && state !== null) || !provider.find)
    return nothing
  const found = await provider.find(spec.settings, [uid], calls)
  if (!found.asked) return found
  const known = new Set(state ? managedIds(state).map(id => provider.idOf?.(id) ?? id) : [])
  return { asked: true, leftovers: found.leftovers.filter(({ id }) => !known.has(id)) }
}

/** One that has answered is there. */
const hindrancesOf = async (
  { name, uid, status, spec, provider }: WantedRecord,
  calls: ProviderCalls,
): Promise<readonly SettingsFault[]> =>
  status === 'active' ? [] : ((await provider.preflight?.({ ...spec, name, uid, user: loginOf(spec) }, calls)) ?? [])

/** It was made and has answered, and what Terraform knew of it is gone. */
export const hasLostState = ({ wanted: { provider, answered }, state, strayed }: MachineLook): boolean =>
  answered && provider.module !== null && state === null && strayed === null

export const leftoversIn = (found: Found): readonly Leftover[] => (found.asked ? found.leftovers : [])
