import { acceptanceOfAbsence, acceptedAbsences } from '../../../domain/acceptance.ts'
import type { Unmet } from '../../../engine/contract/stage.ts'
import { outOfReach } from '../absent.ts'
import type { ObservedHost } from '../observedHost.ts'

/** One that does not answer stays as it is only where that was accepted by its name. */
export function absence({ node: { hostname }, error }: ObservedHost, accepted: readonly string[]): Unmet[] {
  if (error === null) return []
  const mayStay = outOfReach.has(error.code)
  return [
    {
      name: error.code,
      severity: 'error',
      about: `node ${hostname}`,
      message: error.message,
      remedy: mayStay
        ? `Bring it back, so that it can be cleaned; or go on without it: --accept ${acceptanceOfAbsence(hostname)}. It keeps RKE2 and its data then, and has to be cleaned by hand.`
        : error.remedy,
      hosts: [hostname],
      ...(mayStay && acceptedAbsences(accepted).has(hostname) && { accepted: true }),
    },
  ]
}
