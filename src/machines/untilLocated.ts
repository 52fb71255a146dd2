import { setTimeout as delay } from 'node:timers/promises'
import { SlipwayError } from '../domain/errors.ts'
import type { AttemptContext } from '../engine/contract/stage.ts'
import type { ModuleOutputs } from './contract.ts'
import { callsOf } from './look.ts'
import { machineState } from './machineState.ts'
import { outputsOf } from './outputs.ts'
import type { MachineSession } from './session.ts'

/** ms between two looks. */
const usualPause = 1000

/** Where a machine is, as `ModuleOutputs`. */
type Location = Pick<ModuleOutputs, 'addresses' | 'internal'>

/**
 * The addresses of a machine that was made, the one that it is reached at first.
 * @param limit aborts when it is waited no longer.
 * @throws SlipwayError `machine-unanswered` where none comes; the signal's reason when it was aborted.
 */
export async function untilLocated(
  session: MachineSession,
  context: AttemptContext,
  limit: AbortSignal,
  pause = usualPause,
): Promise<Location> {
  const { name, uid, provider, spec } = await session.wanted()
  const text = await session.state()
  const told = text === null ? null : outputsOf(machineState(text, name))
  const internal = told?.internal ?? null
  const addresses = provider.addresses?.(spec.settings) ?? told?.addresses ?? []
  if (addresses.length > 0) return { addresses, internal }
  if (!provider.locate) throw unknown(name, `${provider.name} tells no address of it`)
  const calls = callsOf(session, context)
  await context.progress('waiting for its address')
  for (;;) {
    const found = await provider.locate(spec.settings, uid, calls)
    if (found.length > 0) return { addresses: found, internal }
    if (limit.aborted) throw unknown(name, `${provider.name} tells no address of it in the time that it has`)
    await delay(pause, undefined, { signal: context.signal })
  }
}

const unknown = (name: string, why: string): SlipwayError =>
  new SlipwayError('machine-unanswered', `machine ${name} was made, and ${why}`, { facts: { machine: name } })
