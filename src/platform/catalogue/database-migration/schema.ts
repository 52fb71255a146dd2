import { z } from 'zod'
import { filePath } from '../../../domain/names.ts'
import { connectionShape, databaseName } from '../../databases/connection.ts'

const folder = z.strictObject({
  database: databaseName.describe('Database that it is for'),
  path: filePath.describe('Folder with files of SQL like 001_init.sql; relative to the cluster file'),
  as: databaseName
    .optional()
    .describe(
      'Role or user that applies them, and owns what they make; default is the owner of the database, or who has it in infra-postgres, else the administrator',
    ),
})

export const settings = {
  connection: connectionShape
    .optional()
    .describe('Another server, or another way to it; default is what database-init has'),
  folders: z
    .array(folder)
    .max(100)
    .refine(
      all => new Set(all.map(({ database }) => database)).size === all.length,
      'a database has one folder of migrations',
    )
    .default([])
    .describe('Migrations, a folder for each database'),
  statement_timeout_s: z
    .int()
    .min(1)
    .max(7200)
    .optional()
    .describe('How long one statement may take; default is as long as the component may'),
  lock_timeout_s: z
    .int()
    .min(1)
    .max(7200)
    .default(60)
    .describe('How long a statement may wait for a lock, while all wait that come behind'),
}
export type Settings = z.output<z.ZodObject<typeof settings>>
export type Folder = Settings['folders'][number]
