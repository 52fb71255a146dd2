import { z } from 'zod'
import { providers } from './providers.ts'

const settings = z.record(z.string(), z.unknown())
const nested = new Set(['ssh', ...providers.map(({ name }) => name)])

/** Settings of one machine over those that several have in common: below `ssh` and the provider’s own, key by key. */
export const laidOver = (
  common: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  ...common,
  ...Object.fromEntries(
    Object.entries(own).map(([key, value]) => {
      const below = nested.has(key) ? settings.safeParse(common[key]) : null
      const above = settings.safeParse(value)
      return [key, below?.success && above.success ? { ...below.data, ...above.data } : value]
    }),
  ),
})
