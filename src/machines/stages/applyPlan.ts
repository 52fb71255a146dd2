import type { AttemptContext } from '../../engine/contract/stage.ts'
import { explained } from '../explained.ts'
import { callsOf, leftoversIn, type MachineLook, recordLeft, recordState } from '../look.ts'
import type { MachineSession } from '../session.ts'
import { openMachine } from '../workspaceOf.ts'

/**
 * Takes away what an interrupted run has left, and does what was planned; the state is on record each time it has
 * changed, whatever becomes of the rest.
 */
export async function applyPlan(
  session: MachineSession,
  { wanted, plan, leftovers }: MachineLook,
  context: AttemptContext,
): Promise<void> {
  const { spec, provider, name, uid, answered } = wanted
  const { environment, signal } = context
  const calls = callsOf(session, context)
  await recordLeft(session, context)
  for (const leftover of leftoversIn(leftovers)) {
    await context.progress(`taking away ${leftover.what}`)
    await provider.remove?.(spec.settings, leftover, calls)
  }
  if (plan === null || plan.changes.length === 0) return
  if (answered && plan.changes.some(({ action }) => action === 'create' || action === 'replace'))
    await context.record('its host key and its address are forgotten, since it is made anew', [
      { type: 'machine-made-anew', machine: name },
    ])
  const around = { environment, signal, folder: session.lasting(uid) }
  await using workspace = await openMachine(session, wanted, await session.state(), around)
  const applied = workspace?.apply(plan.file, {
    log: text => context.log(text),
    progress: message => context.progress(message),
    keep: text => recordState(session, context, text),
  })
  await explained(wanted, applied)
}
