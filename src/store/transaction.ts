import { Transaction } from 'kysely'
import type { Database, DatabaseTransaction } from './tables.ts'
import { insideTransaction } from './transactionGuard.ts'

/**
 * One transaction. Inside it only database calls over `tx` may be awaited; anything else is refused or cut off. Given
 * one that is open already, the work becomes part of it.
 */
export function transaction<T>(
  database: Database | DatabaseTransaction,
  work: (tx: DatabaseTransaction) => Promise<T>,
): Promise<T> {
  if (database instanceof Transaction) return work(database)
  return database.transaction().execute(tx => insideTransaction(() => work(tx)))
}
