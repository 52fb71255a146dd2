import type { Database } from './tables.ts'

/** Id of the key that this database's secrets are sealed with; null while no server has named one. */
export async function readSealingKey(database: Database): Promise<string | null> {
  const { sealing_key } = await database.selectFrom('installation').select('sealing_key').executeTakeFirstOrThrow()
  return sealing_key
}

/** Names the key, unless another server has done so before. Returns the one that holds. */
export async function nameSealingKey(database: Database, keyId: string): Promise<string> {
  const { sealing_key } = await database
    .updateTable('installation')
    .set(eb => ({ sealing_key: eb.fn.coalesce('sealing_key', eb.val(keyId)) }))
    .returning('sealing_key')
    .executeTakeFirstOrThrow()
  return sealing_key ?? keyId
}
