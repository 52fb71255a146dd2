import { sql, type SqlBool } from 'kysely'
import { SlipwayError } from '../domain/errors.ts'
import type { Subject } from '../domain/subject.ts'
import type { Database } from './tables.ts'

/** A subject as the columns of the tables that belong to one: leases, runs, plans. */
export const subjectColumns = ({ kind, name }: Subject) => ({ subject_kind: kind, subject_name: name })

export interface OfSubject {
  readonly subject_kind: string
  readonly subject_name: string
}

export const subjectOf = ({ subject_kind, subject_name }: OfSubject): Subject => ({
  kind: subject_kind,
  name: subject_name,
})

/** For `where`: the rows that belong to a subject. */
export const isOf = ({ kind, name }: Subject) => sql<SqlBool>`(subject_kind = ${kind} AND subject_name = ${name})`

/** The cluster that a subject is. @throws SlipwayError `internal` for another kind. */
export function clusterOf({ kind, name }: Subject): string {
  if (kind === 'cluster') return name
  throw new SlipwayError('internal', `${kind} ${name} has nothing on record that a run could change`)
}

/** Version of a subject's desired state; null when it is not recorded. `share`: it stays so until the transaction ends. */
export async function desiredVersion(database: Database, subject: Subject, lock?: 'share'): Promise<number | null> {
  const table = tablesOfSubjects[subject.kind]
  if (table === undefined) return null
  const row = await database
    .selectFrom(table)
    .select('desired_version')
    .where('name', '=', subject.name)
    .$if(lock === 'share', query => query.forShare())
    .executeTakeFirst()
  return row?.desired_version ?? null
}

const tablesOfSubjects: Readonly<Record<string, 'clusters' | 'machines'>> = { cluster: 'clusters', machine: 'machines' }
