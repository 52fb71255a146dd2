import type { DataFolder } from '../../api/access/home.ts'
import { openDatabase, type RawDatabase, type StoreLocation } from '../../store/openStore.ts'
import { tellPeople } from '../tellPeople.ts'

/** Where this command line's database is: the server that DATABASE_URL names, or the data folder. */
export function ownDatabase(folder: DataFolder): StoreLocation {
  const url = process.env['DATABASE_URL']
  return url ? { url, connections: 2 } : { folder: folder.path }
}

/** Without a server: the database is opened here, under the folder's lock, as it is. */
export async function withDatabase<Result>(
  location: StoreLocation,
  work: (database: RawDatabase) => Promise<Result>,
): Promise<Result> {
  const raw = await openDatabase(location, tellPeople)
  try {
    return await work(raw)
  } finally {
    await raw.close()
  }
}
