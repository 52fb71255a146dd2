import type { SlipwayError } from '../../domain/errors.ts'
import type { HostFacts } from './host/facts.ts'
import type { NodeArguments } from './arguments.ts'

export interface ReachedHost {
  readonly node: NodeArguments
  readonly facts: HostFacts
  readonly error: null
}

/** One host as it was seen: reached, or not and why. */
export type ObservedHost =
  | ReachedHost
  | { readonly node: NodeArguments; readonly facts: null; readonly error: SlipwayError }

/** Those that answered. */
export const reached = (hosts: readonly ObservedHost[]): ReachedHost[] => hosts.filter(host => host.error === null)
