import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Connections are few: where transactions wait for queries of other connections, so many of them at the same time
 * have all there are, and wait for ever. So whoever awaits such a query inside a transaction gets an error, also where
 * there would be a connection.
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
