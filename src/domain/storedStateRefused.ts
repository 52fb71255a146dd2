import type { z } from 'zod'
import { SlipwayError } from './errors.ts'

const longest = 5

/** Says where only: a value that is refused may be a secret. */
export function storedStateRefused(
  cluster: string,
  { issues }: Pick<z.ZodError, 'issues'>,
  below: string,
): SlipwayError {
  const places = [...new Set(issues.map(({ path }) => [below, ...path.map(String)].join('.')))]
  const shown = places.slice(0, longest).join(', ')
  return new SlipwayError(
    'stored-state-refused',
    `the stored desired state of ${cluster} has what this version refuses: ${shown}${places.length > longest ? ' …' : ''}`,
  )
}
