import type { AttemptContext } from '../../engine/contract/stage.ts'
import { managedBy, readState } from '../../terraform/state.ts'
import { explained } from '../explained.ts'
import { callsOf, leftoversIn, type MachineLook } from '../look.ts'
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
  const { spec, provider, name } = wanted
  const calls = callsOf(session, context)
  for (const leftover of leftoversIn(leftovers)) {
    await context.progress(`taking away ${leftover.what}`)
    await provider.remove?.(spec.settings, leftover, calls)
  }
  if (plan === null || plan.changes.length === 0) return
  await using workspace = await openMachine(session, wanted, await session.state(), context)
  const applied = workspace?.apply(plan.file, {
    log: text => context.log(text),
    progress: message => context.progress(message),
    async keep(text) {
      const state = readState(text, `machine ${name}`)
      const there = managedBy(state)
      const message = there.length === 0 ? 'on record: nothing is left' : `on record: ${there.join(', ')}`
      await context.record(message, [session.sealState(text, state)])
    },
  })
  await explained(wanted, applied)
}
