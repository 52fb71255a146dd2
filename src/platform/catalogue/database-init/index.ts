import { isElsewhere } from '../../databases/connection.ts'
import type { WorkComponent } from '../../contract.ts'
import { rolePassword } from './password.ts'
import { settings } from './schema.ts'

export const databaseInit: WorkComponent<typeof settings> = {
  kind: 'work',
  name: 'database-init',
  title: 'Databases, roles and extensions on a PostgreSQL server',
  layer: 'database',
  needs: ['infra-postgres'],
  spares: ({ connection }) => (isElsewhere(connection) ? ['infra-postgres'] : []),
  beside: 'infra-postgres',
  defaults: { namespace: 'postgres', timeout_s: 300, required: true },
  settings,
  done: [
    'every role is there, with the password that its Secret has',
    'every database is there, with its owner and its extensions',
  ],
  files: ({ roles }, path) =>
    roles.flatMap(({ password_file: file }, at) =>
      file === undefined ? [] : [{ file, kind: rolePassword, path: [...path, 'roles', at, 'password_file'] }],
    ),
}
