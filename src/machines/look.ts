import { rm } from 'node:fs/promises'
import type { AttemptContext, StageContext } from '../engine/contract/stage.ts'
import { leftState } from '../terraform/applyFolder.ts'
import { managedBy, readState } from '../terraform/state.ts'
import type { TerraformState } from '../terraform/shapes.ts'
import type { TerraformPlan } from '../terraform/workspace.ts'
import type { Found, Leftover } from './contract.ts'
import { managedIds } from './outputs.ts'
import type { MachineSession, WantedRecord } from './session.ts'
import { openMachine } from './workspaceOf.ts'

/** A machine as it stands, and what would be done to it. */
export interface MachineLook {
  readonly wanted: WantedRecord
  readonly state: TerraformState | null
  /** The state in clear, where a run that was interrupted has made more than it could put on record; null: it has not. */
  readonly left: string | null
  /** Null: its provider makes nothing. */
  readonly plan: LookedPlan | null
  /** What its provider has of it that the state does not know. */
  readonly leftovers: Found
}

export interface LookedPlan extends TerraformPlan {
  /** The plan itself: what was looked at is what is done. */
  readonly file: Uint8Array
}

/**
 * @param way what is to become of it: `apply`, as it is wanted; `destroy`, nothing is left of it.
 * @throws SlipwayError as `openWorkspace`, and `terraform-state-unreadable`.
 */
export async function lookAtMachine(
  session: MachineSession,
  way: 'apply' | 'destroy',
  { signal, ahead }: Pick<StageContext, 'signal' | 'ahead'>,
): Promise<MachineLook> {
  const wanted = await session.wanted()
  const recorded = await session.state()
  const left = await leftBehind(session, wanted, recorded)
  const text = left ?? recorded
  const state = text === null ? null : readState(text, `machine ${wanted.name}`)
  const around = { environment: ahead?.environment ?? session.environment, signal }
  const [plan, leftovers] = await Promise.all([
    planned(session, wanted, text, way, around),
    leftoversOf(session, wanted, state, way, around),
  ])
  return { wanted, state, left, plan, leftovers }
}

/** A state that an interrupted run of this machine has left on this host, and that is newer than the one on record. */
const leftBehind = (
  session: MachineSession,
  { name, uid }: WantedRecord,
  known: string | null,
): Promise<string | null> => leftState(session.lasting(uid), { workspace: name, known, of: `machine ${name}` })

/** Puts it on record, where there is one; what it lay in is not needed any more. */
export async function recordLeft(session: MachineSession, context: AttemptContext): Promise<void> {
  const wanted = await session.wanted()
  const left = await leftBehind(session, wanted, await session.state())
  if (left !== null) await recordState(session, context, left)
  await rm(session.lasting(wanted.uid), { recursive: true, force: true })
}

/** Puts a state in clear on record. */
export async function recordState(session: MachineSession, context: AttemptContext, text: string): Promise<void> {
  const state = readState(text, `machine ${session.machine}`)
  const there = managedBy(state)
  const message = there.length === 0 ? 'on record: nothing is left' : `on record: ${there.join(', ')}`
  await context.record(message, [session.sealState(text, state)])
}

type Around = Parameters<typeof openMachine>[3]

async function planned(
  session: MachineSession,
  wanted: WantedRecord,
  state: string | null,
  way: 'apply' | 'destroy',
  around: Around,
): Promise<LookedPlan | null> {
  if (way === 'destroy' && state === null) return null
  await using workspace = await openMachine(session, wanted, state, around)
  if (!workspace) return null
  const plan = await workspace.plan(way)
  return { ...plan, file: await workspace.planFile() }
}

const nothing: Found = { asked: true, leftovers: [] }

/** One that has answered was made whole: what its provider has of it is what the state tells. */
async function leftoversOf(
  session: MachineSession,
  { status, spec, provider, uid }: WantedRecord,
  state: TerraformState | null,
  way: 'apply' | 'destroy',
  { environment, signal }: Around,
): Promise<Found> {
  if (status === null || (way === 'apply' && status === 'active') || !provider.find) return nothing
  const found = await provider.find(spec.settings, [uid], { environment, directory: session.directory, signal })
  if (!found.asked) return found
  const known = state ? managedIds(state) : new Set<string>()
  return { asked: true, leftovers: found.leftovers.filter(({ id }) => !known.has(id)) }
}

export const leftoversIn = (found: Found): readonly Leftover[] => (found.asked ? found.leftovers : [])
