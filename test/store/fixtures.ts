import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Store } from '../../src/store/openStore.ts'
import { clusterFileOf, node } from './clusterFile.ts'
import { type DatabaseKind, embeddedKind, type TestDatabase } from './databases.ts'
import { applyDesiredState } from './applyDesiredState.ts'

export { clusterFileOf, node } from './clusterFile.ts'

/** One store for the suite, emptied before each test. */
export function emptyStoreForEach(kind: DatabaseKind = embeddedKind): () => Store {
  let database: TestDatabase
  let store: Store
  beforeAll(async () => {
    database = await kind.create()
    store = await database.open()
  })
  beforeEach(() => emptyTables(store))
  afterAll(async () => {
    await store.close()
    await database.remove()
  })
  return () => store
}

/** Takes everything out but the installation. */
export async function emptyTables(store: Store): Promise<void> {
  await sql`TRUNCATE clusters, credentials, host_keys, runs, plans, leases CASCADE`.execute(store.database)
}

/** A cluster with one server `m1` and agents `w1` …, addresses 10.PREFIX.0.1 and so on. */
export async function aCluster(store: Store, name = 'demo', prefix = 0, workers = 1): Promise<void> {
  const agents = Array.from({ length: workers }, (_, index) => node(`w${index + 1}`, `10.${prefix}.1.${index + 1}`))
  await applyDesiredState(
    store.database,
    clusterFileOf(name, [node('m1', `10.${prefix}.0.1`, 'initial_master'), ...agents]),
  )
}
