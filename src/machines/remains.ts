import type { Found, ProviderCalls } from './contract.ts'
import { callsOf } from './look.ts'
import type { MachineSession } from './session.ts'

/** Characters of a uid that all machines of an installation have in common. */
const markLength = 6

/**
 * What the provider of a machine has of any machine of this installation: `find` with the settings of this one. Null: it
 * can't be asked for any.
 */
export async function allAtProvider(
  session: MachineSession,
  { signal }: Pick<ProviderCalls, 'signal'>,
): Promise<Found | null> {
  const { provider, spec, uid } = await session.wanted()
  const calls = callsOf(session, { environment: session.environment, signal })
  return provider.find?.(spec.settings, { installation: uid.slice(0, markLength) }, calls) ?? null
}
