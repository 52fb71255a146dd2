import type { AttemptContext } from '../../engine/contract/stage.ts'
import { explained } from '../explained.ts'
import { callsOf, isToApply, leftoversIn, type MachineLook, recordLeft, recordState } from '../look.ts'
import type { MachineSession } from '../session.ts'
import { openMachine } from '../workspaceOf.ts'
import { applyInBackend, leaveBackend } from './applyInBackend.ts'

/**
 * Takes away what an interrupted run has left, and does what was planned; the state is on record each time it has
 * changed, whatever becomes of the rest.
 */
export async function applyPlan(
  session: MachineSession,
  look: MachineLook,
  direction: 'apply' | 'destroy',
  context: AttemptContext,
): Promise<void> {
  const { wanted, plan, leftovers, way } = look
  const { spec, provider, name, uid, answered } = wanted
  const { environment, signal } = context
  const calls = callsOf(session, context)
  if (way.kind === 'database') await recordLeft(session, context)
  for (const leftover of leftoversIn(leftovers)) {
    await context.progress(`taking away ${leftover.what}`)
    await provider.remove?.(spec.settings, leftover, calls)
  }
  if (answered && plan?.changes.some(({ action }) => action === 'create' || action === 'replace'))
    await context.record('its host key and its address are forgotten, since it is made anew', [
      { type: 'machine-made-anew', machine: name },
    ])
  if (way.kind === 'backend') return applyInBackend(session, look, way, direction, context)
  if (way.leaving !== null && direction === 'apply')
    await context.record(`its Terraform state is in the database from now on`, [
      { type: 'machine-state-place', machine: name, place: null },
    ])
  if (isToApply(plan)) {
    const around = { environment, signal, folder: session.lasting(uid) }
    const kept = { backend: null, workspace: name, state: await session.state() } as const
    await using workspace = await openMachine(session, wanted, kept, around)
    const applied = workspace?.apply(plan.file, {
      log: text => context.log(text),
      progress: message => context.progress(message),
      keep: text => recordState(session, context, text),
      making: (_addresses, line) => context.progress(line),
    })
    await explained(wanted, applied)
  }
  if (way.leaving !== null && direction === 'destroy') await leaveBackend(name, way.leaving, context)
}
