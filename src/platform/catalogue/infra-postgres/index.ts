import type { ObjectsComponent } from '../../contract.ts'
import { objects, stored } from './objects.ts'
import { ready } from './ready.ts'
import { settings } from './schema.ts'

export const infraPostgres: ObjectsComponent<typeof settings> = {
  kind: 'objects',
  name: 'infra-postgres',
  title: 'PostgreSQL, as a PostgresCluster of PGO',
  layer: 'infrastructure',
  needs: ['operator-pgo'],
  defaults: { namespace: 'postgres', timeout_s: 600, required: true },
  settings,
  keepsData: true,
  objects,
  ready,
  stored,
}
