import { SlipwayError } from '../domain/errors.ts'

/** What a server's error carries: its SQLSTATE as code. */
type Answer = Error & { readonly code?: string }

const meanings = [
  // 28: of the login; 3D000: there is no such database.
  [/^(28...|3D000)$/, 'database-login'],
  [/^42501$/, 'database-rights'],
  [/^25006$/, 'database-read-only'],
] as const

/** What a server's answer says of the server or the account: no other try will do any better. Null for anything else. */
export function serverRefusal(error: Answer): SlipwayError | null {
  // A pooler sends on what it knows; a server knows each of ours.
  if (/unsupported startup parameter/.test(error.message))
    return new SlipwayError('database-pooled', `a pooler answers in the place of the server: ${error.message}`, {
      cause: error,
    })
  if (/during recovery/.test(error.message))
    return new SlipwayError(
      'database-read-only',
      `the server is a standby, which repeats its primary: ${error.message}`,
      {
        cause: error,
        remedy: 'Name the primary server in DATABASE_URL.',
      },
    )
  const code = meanings.find(([pattern]) => pattern.test(error.code ?? ''))?.[1]
  return code ? new SlipwayError(code, `PostgreSQL: ${error.message}`, { cause: error }) : null
}
