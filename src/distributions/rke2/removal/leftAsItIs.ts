import {
  acceptanceOfAbsence,
  acceptanceOfLeaving,
  acceptedAbsences,
  acceptedToStay,
} from '../../../domain/acceptance.ts'
import type { Unmet } from '../../../engine/contract/stage.ts'
import { outOfReach } from '../absent.ts'
import type { StageArguments } from '../arguments.ts'
import type { ObservedHost } from '../observedHost.ts'

/** Machines that are to be cleaned and can't be: they stay as they are only where that was accepted by their name. */

/** What becomes of a machine that was not cleaned, as people are told. */
export interface WithoutIt {
  /** `remove it as it is`. */
  readonly goOn: string
  /** One sentence. */
  readonly afterwards: string
}

/** One that does not answer, or that shows another key: behind it may be another machine, which is none of ours. */
export function absenceFindings(
  { node: { hostname }, error }: ObservedHost,
  { accepted }: Pick<StageArguments, 'accepted'>,
  { goOn, afterwards }: WithoutIt,
): Unmet[] {
  if (error === null) return []
  const isAway = outOfReach.has(error.code)
  const mayStay = isAway || error.code === 'host-key-changed'
  const word = `--accept ${acceptanceOfAbsence(hostname)}`
  return [
    {
      name: error.code,
      severity: 'error',
      about: `node ${hostname}`,
      message: error.message,
      remedy: isAway
        ? `Bring it back, so that it can be cleaned; or ${goOn}: ${word}. ${afterwards}`
        : mayStay
          ? `${error.remedy} Where it is not this node’s machine any more, ${goOn}: ${word}.`
          : error.remedy,
      hosts: [hostname],
      ...(mayStay && acceptedAbsences(accepted).has(hostname) && { accepted: 'unreachable' }),
    },
  ]
}

/** One that is somebody else's by now, or may be. @param found why it is not to be cleaned. */
export const leftAlone = (
  { hostname }: ObservedHost['node'],
  { accepted }: Pick<StageArguments, 'accepted'>,
  found: Pick<Unmet, 'name' | 'message' | 'remedy'>,
): Unmet => ({
  ...found,
  severity: 'error',
  about: `node ${hostname}`,
  remedy: `${found.remedy} If it is to be left as it is, accept that: --accept ${acceptanceOfLeaving(hostname)}.`,
  hosts: [hostname],
  ...(acceptedToStay(accepted).has(hostname) && { accepted: 'left-alone' }),
})

/** Those that nobody has accepted. */
export const notAccepted = (found: readonly Unmet[]): Unmet[] => found.filter(({ accepted }) => accepted === undefined)
