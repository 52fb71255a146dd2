import { SlipwayError } from '../../domain/errors.ts'
import { runSync } from '../../processes/runSync.ts'

/** What PostgreSQL's programs are called through, so that they do not run as root, which they refuse. */
export interface Account {
  readonly before: readonly string[]
}

/** `nobody` on every Linux; a name is needed, the rights over our files stay those that we have. */
const insideNamespace = ['unshare', '--user', '--map-user=65534', '--map-group=65534']

/**
 * As the user who calls us; for root in a user namespace in which root's files belong to another number.
 * @throws SlipwayError `database-account` when root may not make one.
 */
export function databaseAccount(): Account {
  if (process.getuid?.() !== 0) return { before: [] }
  if (runSync(insideNamespace[0] ?? '', [...insideNamespace.slice(1), 'true']).exitCode === 0)
    return { before: insideNamespace }
  throw new SlipwayError(
    'database-account',
    'root may not make a user namespace here, and PostgreSQL refuses to run as root',
  )
}
