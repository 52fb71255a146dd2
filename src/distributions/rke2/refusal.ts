import type { FindingName } from '../../domain/findingCatalogue.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { NodeArguments } from './arguments.ts'

/** What forbids to go on with one node, whatever is accepted. */
export const refuse = (node: NodeArguments, name: FindingName, message: string, remedy: string): Unmet => ({
  name,
  severity: 'error',
  about: `node ${node.hostname}`,
  message,
  remedy,
})
