import type { Found, ProviderCalls } from './contract.ts'
import type { MachineSession } from './session.ts'

/** What the provider of a machine has of any machine: `find` with the settings of this one. Null: it can't be asked for any. */
export async function allAtProvider(
  session: MachineSession,
  { signal }: Pick<ProviderCalls, 'signal'>,
): Promise<Found | null> {
  const { provider, spec } = await session.wanted()
  if (!provider.find) return null
  const { environment, directory } = session
  return provider.find(spec.settings, 'all', { environment, directory, signal })
}
