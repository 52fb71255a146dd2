import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import type { StatePlace } from '../domain/machine.ts'
import type { Unmet } from '../engine/contract/stage.ts'
import { applyFolder, erroredState, leftState, remoteSaid } from '../terraform/applyFolder.ts'
import type { StateBackend } from '../terraform/backend/stateBackend.ts'
import type { Workspace } from '../terraform/workspace.ts'
import { machineState } from './machineState.ts'
import type { MachineSession, WantedRecord } from './session.ts'
import { type Bringing, type Standing, standingOf } from './standing.ts'
import { elsewhere, strayed } from './strayed.ts'
import { openMachine } from './workspaceOf.ts'

/** Where the state of a machine is, and where it is to be when something is done to it. */
export type StateWay =
  /** `leaving`: the record says that it is in a backend, and that is not asked. */
  | { readonly kind: 'database'; readonly leaving: StatePlace | null }
  | {
      readonly kind: 'backend'
      readonly backend: StateBackend
      readonly workspace: string
      /** Null: it is there. */
      readonly bring: { readonly text: string | null; readonly why: Bringing; readonly from: StatePlace | null } | null
    }

export interface StateLook extends AsyncDisposable {
  /** The state that counts, in clear; null: there is none. */
  readonly text: string | null
  /** Why there is none, though there is one on record. */
  readonly lost: SlipwayError | null
  /** That of an interrupted run, or of somebody else, which tells more than the record; null: none does. */
  readonly left: string | null
  readonly way: StateWay
  /** What has to be accepted of where it is. */
  readonly strayed: Unmet | null
  /** Open where the state is. Null: a plan is made of `text`. */
  readonly remote: Workspace | null
}

type Around = Parameters<typeof openMachine>[3]

/** Labels in Kubernetes, of which one is the name of a workspace there, have no more characters. */
const longestName = 63

/** Name of a machine's workspace: no other installation, and no other machine of this name, ever has the same. */
export const workspaceName = ({ name, uid }: Pick<WantedRecord, 'name' | 'uid'>): string =>
  `slipway-${uid}-${name}`.slice(0, longestName).replace(/-+$/, '')

/** The mark in the name of a workspace; null: it is not one of ours. */
export const markIn = (workspace: string): string | null => /^slipway-([0-9a-f]{16})-/.exec(workspace)?.[1] ?? null

/**
 * @throws SlipwayError `terraform-state-unreadable`, `terraform-backend-unanswered`, `terraform-backend-invalid`, and as
 *   `openWorkspace`.
 */
export async function lookAtState(
  session: MachineSession,
  wanted: WantedRecord,
  direction: 'apply' | 'destroy',
  around: Around,
): Promise<StateLook> {
  const { recorded, lost } = await recordedState(session)
  const [place, backend] =
    wanted.provider.module === null ? [null, null] : await Promise.all([session.place(), session.backend()])
  const isElsewhere = place !== null && place.backend !== backend?.fingerprint
  const isUnreadable = lost !== null && place === null
  if (backend === null || isUnreadable || (direction === 'destroy' && (place === null || isElsewhere))) {
    const finding = place === null ? null : elsewhere(wanted, place, backend, recorded)
    return inDatabase(session, wanted, { recorded, lost, way: { kind: 'database', leaving: place }, strayed: finding })
  }
  const left = place === null ? await leftBehind(session, wanted, recorded) : null
  return inBackend(session, wanted, { backend, place, isElsewhere, copy: left ?? recorded, direction, around })
}

interface InDatabase {
  readonly recorded: string | null
  readonly lost: SlipwayError | null
  readonly way: StateWay
  readonly strayed: Unmet | null
}

async function inDatabase(
  session: MachineSession,
  wanted: WantedRecord,
  { recorded, lost, way, strayed: finding }: InDatabase,
): Promise<StateLook> {
  const left = await leftBehind(session, wanted, recorded)
  const text = left ?? recorded
  return {
    text,
    lost: left === null ? lost : null,
    left,
    way,
    strayed: finding,
    remote: null,
    [Symbol.asyncDispose]: async () => {},
  }
}

interface InBackend {
  readonly backend: StateBackend
  readonly place: StatePlace | null
  readonly isElsewhere: boolean
  readonly copy: string | null
  readonly direction: 'apply' | 'destroy'
  readonly around: Around
}

async function inBackend(
  session: MachineSession,
  wanted: WantedRecord,
  { backend, place, isElsewhere, copy, direction, around }: InBackend,
): Promise<StateLook> {
  const { name, uid } = wanted
  const own = place !== null && !isElsewhere ? place : null
  const workspace = own?.workspace ?? workspaceName(wanted)
  await using opened = new AsyncDisposableStack()
  let remote: Workspace | null = null
  let found: Standing | SlipwayError
  try {
    remote = await openMachine(session, wanted, { backend, workspace }, around)
    if (remote) opened.use(remote)
    const there = (await remote?.remote?.pull()) ?? null
    const left = own === null ? { state: null, making: null } : await leftInFolder(session.lasting(uid))
    found = standingOf({ of: `machine ${name}`, place: own, copy, there, left })
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'terraform-state-unreadable') throw error
    found = error
  }
  if (found instanceof SlipwayError || found.kind === 'lost') {
    const finding = strayed(wanted, backend, found instanceof SlipwayError ? found : found.how, copy, direction)
    if (direction === 'destroy')
      return inDatabase(session, wanted, {
        recorded: copy,
        lost: null,
        way: { kind: 'database', leaving: place },
        strayed: finding,
      })
    const way = { kind: 'backend', backend, workspace, bring: { text: copy, why: 'unwritten', from: null } } as const
    return {
      lost: null,
      left: null,
      text: copy,
      way,
      strayed: finding,
      remote: null,
      [Symbol.asyncDispose]: async () => {},
    }
  }
  const finding = isElsewhere && place !== null ? elsewhere(wanted, place, backend, copy) : null
  const disposal = opened.move()
  // A place without workspaces is there before anything is in it.
  const bring =
    found.kind === 'there' || (found.text === null && !backend.workspaces)
      ? null
      : { text: found.text, why: found.why, from: isElsewhere ? place : null }
  return {
    lost: null,
    left: found.text === copy ? null : found.text,
    text: found.text,
    way: { kind: 'backend', backend, workspace, bring },
    strayed: finding,
    remote: bring === null ? remote : null,
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  }
}

/** What an apply that was interrupted has left in its folder, whose state is in a backend. */
async function leftInFolder(folder: string): Promise<{ state: string | null; making: ReadonlySet<string> | null }> {
  const state = await readFile(join(folder, erroredState), 'utf8').catch(() => null)
  const left = applyFolder(folder, '', remoteSaid(folder))
  const heard = await left.heard()
  return { state, making: heard.length === 0 ? null : left.messages.making }
}

/** The state on record in clear, or why it can't be used. */
export async function recordedState(
  session: MachineSession,
): Promise<{ readonly recorded: string | null; readonly lost: SlipwayError | null }> {
  try {
    const recorded = await session.state()
    if (recorded !== null) machineState(recorded, session.machine)
    return { recorded, lost: null }
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'terraform-state-unreadable')
      return { recorded: null, lost: error }
    throw error
  }
}

/** A state that an interrupted run of this machine has left on this host, and that is newer than the one on record. */
export const leftBehind = (
  session: MachineSession,
  { name, uid }: WantedRecord,
  known: string | null,
): Promise<string | null> => leftState(session.lasting(uid), { workspace: name, known, of: `machine ${name}` })
