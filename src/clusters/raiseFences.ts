import type { PlayedHost } from '../ansible/failures.ts'
import { type SlipwayError, toSlipwayError } from '../domain/errors.ts'
import { atMost } from '../engine/plan/atMost.ts'

/** Each is a child and a session; raising waits on the host and takes no place among the other clients. */
const hostsAtOnce = 64

/** Raises the fence on every host with `raise`, as far as that can be done. Hosts without it come back with why. */
export async function raiseFences(
  hosts: readonly string[],
  raise: (hostname: string) => Promise<unknown>,
): Promise<ReadonlyMap<string, SlipwayError>> {
  const slot = atMost(hostsAtOnce)
  const missing = new Map<string, SlipwayError>()
  await Promise.all(
    hosts.map(host =>
      slot(() => raise(host)).catch((error: unknown) => {
        missing.set(host, toSlipwayError(error))
      }),
    ),
  )
  return missing
}

/**
 * One host that is ahead of us, or somebody else's, calls off what was meant for all. One that cannot be reached does
 * not: without this fence it runs no module, and it is a failed host among the others.
 * @throws SlipwayError `fence-refused`, `guard-refused`
 */
export function throwRefusal(missing: ReadonlyMap<string, SlipwayError>): void {
  const errors = [...missing.values()]
  const refused =
    errors.find(error => error.code === 'fence-refused') ?? errors.find(error => error.code === 'guard-refused')
  if (refused) throw refused
}

/** A host that failed without its fence failed for the reason that kept the fence from it. */
export const toldWhy = (
  played: readonly PlayedHost[],
  missing: ReadonlyMap<string, SlipwayError>,
): readonly PlayedHost[] =>
  played.map(result => {
    const error = missing.get(result.host)
    if (!error || result.error === null) return result
    return { ...result, error, outcome: error.code === 'host-unreachable' ? 'unreachable' : result.outcome }
  })
