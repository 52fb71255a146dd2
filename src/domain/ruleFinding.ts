import type { Finding } from './errors.ts'
import type { AcceptableWarning, FindingName } from './findingCatalogue.ts'

/** Where in the cluster file a finding belongs: `['nodes', 2, 'hostname']` below `spec`. */
export interface RuleFinding extends Finding {
  readonly path: readonly (string | number)[]
}

/** A finding at a place below `spec`. */
export const fault = (name: FindingName, path: RuleFinding['path'], message: string, remedy: string): RuleFinding => ({
  name,
  severity: 'error',
  about: `spec.${path.join('.')}`,
  path,
  message,
  remedy,
})

/** As `fault`, for what a cluster can run with all the same: it stands in the way until it is accepted. */
export const caution = (
  name: AcceptableWarning,
  path: RuleFinding['path'],
  message: string,
  remedy: string,
): RuleFinding => ({
  ...fault(name, path, message, `${remedy} Where the cluster runs with it already, accept it: --accept ${name}.`),
  severity: 'warning',
})
