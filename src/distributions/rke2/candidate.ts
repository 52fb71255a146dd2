import type { HostFacts } from './host/facts.ts'
import type { NodeArguments } from './arguments.ts'

/** A host that was reached, and the node it is to become. */
export interface Candidate {
  readonly node: NodeArguments
  readonly facts: HostFacts
}
