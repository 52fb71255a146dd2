import { z } from 'zod'
import { providers } from './providers.ts'

const settings = z.record(z.string(), z.unknown())
const nested = new Set(['ssh', ...providers.map(({ name }) => name)])

/**
 * Settings of one machine over those that several have in common: below `ssh` and the provider’s own, key by key. What all
 * have below their provider’s name is no setting of one that another provider makes.
 */
export function laidOver(
  common: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { provider: usual } = common
  const isOthers = own['provider'] !== undefined && own['provider'] !== usual
  return {
    ...Object.fromEntries(Object.entries(common).filter(([key]) => !isOthers || key !== usual)),
    ...Object.fromEntries(
      Object.entries(own).map(([key, value]) => {
        const below = nested.has(key) ? settings.safeParse(common[key]) : null
        const above = settings.safeParse(value)
        return [key, below?.success && above.success ? { ...below.data, ...above.data } : value]
      }),
    ),
  }
}
