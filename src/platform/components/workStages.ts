import { stage as databaseInit } from '../catalogue/database-init/stage.ts'
import { stage as databaseMigration } from '../catalogue/database-migration/stage.ts'
import { stage as storageSecret } from '../catalogue/storage-secret/stage.ts'
import type { WorkStage } from '../contract.ts'

/**
 * The code of components that are work, by their names. The catalogue is loaded by all who read cluster files; this, with the
 * way to databases and clusters, by those who run stages.
 */
export const workStages: Readonly<Record<string, WorkStage>> = {
  'database-init': databaseInit,
  'database-migration': databaseMigration,
  'storage-secret': storageSecret,
}
