import { SlipwayError } from './errors.ts'

/** A hash as people see it; any unique prefix of at least `shortestPrefix` characters names it. */
export const shortHash = (hash: string): string => hash.slice(0, 12)
export const shortestPrefix = 8

/** @throws SlipwayError `plan-changed` when what was approved does not name the plan with this hash. */
export function refuseOtherHash(approved: string, hash: string): void {
  if (approved.length >= shortestPrefix && hash.startsWith(approved)) return
  throw new SlipwayError('plan-changed', `${approved} was approved, the plan is ${shortHash(hash)} now`, {
    facts: { approved, hash },
  })
}
