import { SlipwayError } from '../domain/errors.ts'
import type { Distribution } from './contract.ts'
import { rke2 } from './rke2/index.ts'

/** All distributions of this version. */
export const distributions: readonly Distribution[] = [rke2]

/** @throws SlipwayError `usage` for a name that this version does not know. */
export function distributionOf(name: string, known: readonly Distribution[] = distributions): Distribution {
  const found = known.find(distribution => distribution.name === name)
  if (found) return found
  const names = known.map(distribution => distribution.name).join(', ')
  throw new SlipwayError('usage', `this version has no distribution ${name}; it has ${names}`)
}
