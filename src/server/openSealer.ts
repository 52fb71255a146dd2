import { existsSync } from 'node:fs'
import { SlipwayError } from '../domain/errors.ts'
import { loadSealer, type Sealer } from '../secrets/seal.ts'
import { nameSealingKey, readSealingKey } from '../store/sealingKey.ts'
import type { Database } from '../store/tables.ts'

/**
 * The sealer of this data folder, whose key is made at the first start of all. Servers that share a database must have
 * one key: with another one a server could open nothing that the others have sealed.
 * @throws SlipwayError `sealing-key-differs`.
 */
export async function openSealer(database: Database, keyFile: string): Promise<Sealer> {
  const known = await readSealingKey(database)
  if (known !== null && !existsSync(keyFile)) throw differs(`${keyFile} is missing`, known)
  const sealer = loadSealer(keyFile)
  const named = await nameSealingKey(database, sealer.keyId)
  if (named !== sealer.keyId) throw differs(`${keyFile} holds the key ${sealer.keyId}`, named)
  return sealer
}

const differs = (what: string, wanted: string): SlipwayError =>
  new SlipwayError('sealing-key-differs', `${what}, the database was sealed with the key ${wanted}`, {
    facts: { key: wanted },
  })
