import type { WorkComponent } from '../../contract.ts'
import { settings } from './schema.ts'

export const storageSecret: WorkComponent<typeof settings> = {
  kind: 'work',
  name: 'storage-secret',
  title: 'Secrets by which applications connect to their databases',
  layer: 'database',
  needs: ['database-migration'],
  beside: 'infra-postgres',
  defaults: { namespace: 'postgres', timeout_s: 300, required: true },
  settings,
  done: ['every Secret is there in each of its namespaces, complete and as its source'],
}
