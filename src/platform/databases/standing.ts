import type { PlatformFacts } from '../../contract/platform.ts'
import type { SlipwayError } from '../../domain/errors.ts'
import { databaseFindings } from '../../domain/findings/databases.ts'
import { migrationFindings } from '../../domain/findings/migrations.ts'
import type { Decision, Unmet } from '../../engine/contract/stage.ts'
import { toldUnmet } from '../attempt.ts'
import type { WorkSubject } from '../contract.ts'

/** What stages that work in databases tell alike. All pure. */

/** Nothing says which server is meant. */
export const unsaid = (about: string): Unmet => ({
  name: 'database-server-unknown',
  severity: 'error',
  about,
  message: 'infra-postgres is turned off, and connection does not say which server is meant',
  remedy: 'Set connection.secret with pods, service or address of the component, or enable infra-postgres.',
})

type Comes = Pick<WorkSubject, 'needs' | 'afterStages'>

/** The server was not seen: what it needs may bring it. */
export const notReached = (error: SlipwayError, about: string, { needs, afterStages }: Comes): Unmet => ({
  ...toldUnmet(error),
  about,
  providedBy: [...needs, ...afterStages],
})

/** The stage after which more is known. */
export const untilOf = ({ needs, afterStages }: Comes, formed: boolean): string | undefined =>
  (formed ? [...needs, ...afterStages] : [...afterStages, ...needs])[0]

/** Decision of a stage that has seen nothing. */
export function isForLater(
  error: SlipwayError | null,
  formed: boolean,
  until: string | undefined,
  facts: PlatformFacts,
): Decision {
  const reason = error?.message ?? (formed ? 'nothing was seen yet' : 'the cluster is not there yet')
  return until === undefined
    ? { kind: 'skip', reason, facts }
    : { kind: 'deferred', reason, until, effects: ['create', 'update'], facts }
}

const acceptable: ReadonlySet<string> = new Set(
  Object.entries({ ...databaseFindings, ...migrationFindings }).flatMap(([name, { kind }]) =>
    kind === 'acceptable' ? [name] : [],
  ),
)

/** What can be accepted by its name is a warning. */
export const severityOf = (name: string): Unmet['severity'] => (acceptable.has(name) ? 'warning' : 'error')
