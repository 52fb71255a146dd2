import type { Database, DatabaseTransaction } from './tables.ts'
import { insideTransaction } from './transactionGuard.ts'

/** One transaction. Inside it only database calls over `tx` may be awaited; anything else is refused or cut off. */
export function transaction<T>(database: Database, work: (tx: DatabaseTransaction) => Promise<T>): Promise<T> {
  return database.transaction().execute(tx => insideTransaction(() => work(tx)))
}
