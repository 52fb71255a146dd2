import { SlipwayError } from '../domain/errors.ts'
import type { Distribution } from './contract.ts'
import { rke2 } from './rke2/index.ts'

const distributions: readonly Distribution[] = [rke2]

/** @throws SlipwayError `usage` for a name that this version does not know. */
export function distributionOf(name: string): Distribution {
  const found = distributions.find(distribution => distribution.name === name)
  if (found) return found
  const known = distributions.map(distribution => distribution.name).join(', ')
  throw new SlipwayError('usage', `this version has no distribution ${name}; it has ${known}`)
}
