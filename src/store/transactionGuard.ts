import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * PGlite has one connection: a query outside the open transaction waits for that transaction, and when the
 * transaction waits for the query, both wait for ever. The same code on PostgreSQL would drain the pool instead.
 * So whoever awaits a query of another connection inside a transaction gets an error, on both databases.
 */
const current = new AsyncLocalStorage<{ open: boolean }>()

export async function insideTransaction<T>(work: () => Promise<T>): Promise<T> {
  const scope = { open: true }
  try {
    return await current.run(scope, work)
  } finally {
    scope.open = false
  }
}

/** @throws Error when a transaction is open in this chain of calls: its own connection must be used. */
export function refuseQueryOutsideTransaction(): void {
  if (current.getStore()?.open)
    throw new Error('a query outside the open transaction was tried inside it: pass the transaction on')
}
