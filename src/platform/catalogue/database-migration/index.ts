import type { WorkComponent } from '../../contract.ts'
import { isElsewhere } from '../../databases/connection.ts'
import { migrationFolder } from '../../migrationFiles.ts'
import { settings } from './schema.ts'

export const databaseMigration: WorkComponent<typeof settings> = {
  kind: 'work',
  name: 'database-migration',
  title: 'Migrations of databases: files of SQL, each applied once',
  layer: 'database',
  needs: ['database-init'],
  beside: 'infra-postgres',
  spares: ({ connection }) => (isElsewhere(connection) ? ['database-init'] : []),
  defaults: { namespace: 'postgres', timeout_s: 300, required: true },
  settings,
  done: ['every file is on record in its database as applied'],
  files: ({ folders }, path) =>
    folders.map(({ path: file }, at) => ({ file, kind: migrationFolder, path: [...path, 'folders', at, 'path'] })),
}
