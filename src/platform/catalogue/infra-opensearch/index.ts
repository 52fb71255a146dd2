import type { ObjectsComponent } from '../../contract.ts'
import { objects, stored } from './objects.ts'
import { ready } from './ready.ts'
import { settings } from './schema.ts'

export const infraOpensearch: ObjectsComponent<typeof settings> = {
  kind: 'objects',
  name: 'infra-opensearch',
  title: 'OpenSearch, as an OpenSearchCluster of its operator',
  layer: 'infrastructure',
  needs: ['operator-opensearch'],
  defaults: { namespace: 'opensearch', timeout_s: 600, required: false },
  settings,
  keepsData: true,
  objects,
  ready,
  stored,
}
