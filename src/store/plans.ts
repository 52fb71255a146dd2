import { SlipwayError } from '../domain/errors.ts'
import { shortestPrefix } from '../domain/planHash.ts'
import { subjectColumns } from './subjects.ts'
import type { Database } from './tables.ts'
import { type Plan, planShape } from '../contract/plan.ts'

/** Keeps a plan under its hash; one that is there already stays as it is. */
export async function savePlan(database: Database, plan: Plan, by: string): Promise<void> {
  await database
    .insertInto('plans')
    .values({
      hash: plan.hash,
      ...subjectColumns(plan.subject),
      desired_version: plan.desired_version,
      plan: JSON.stringify(plan),
      created_by: by,
    })
    .onConflict(conflicting => conflicting.column('hash').doNothing())
    .execute()
}

/** @throws SlipwayError `not-found`, also when the prefix is shorter than 8 characters or names two plans. */
export async function findPlan(database: Database, hashOrPrefix: string): Promise<Plan> {
  const valid = /^[0-9a-f]{1,64}$/.test(hashOrPrefix) && hashOrPrefix.length >= shortestPrefix
  const rows = valid
    ? await database
        .selectFrom('plans')
        .select(['hash', 'plan'])
        .where('hash', '>=', hashOrPrefix)
        .where('hash', '<=', hashOrPrefix.padEnd(64, 'f'))
        .orderBy('hash')
        .limit(2)
        .execute()
    : []
  const [row, second] = rows
  if (!row) throw new SlipwayError('not-found', `there is no plan ${hashOrPrefix}`)
  if (second) throw new SlipwayError('not-found', `more than one plan begins with ${hashOrPrefix}: name more of it`)
  return planShape.parse(row.plan)
}
