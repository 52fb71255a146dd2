import type { ObjectsComponent } from '../../contract.ts'
import { objects, stored } from './objects.ts'
import { ready } from './ready.ts'
import { settings } from './schema.ts'

export const infraVictoriametrics: ObjectsComponent<typeof settings> = {
  kind: 'objects',
  name: 'infra-victoriametrics',
  title: 'VictoriaMetrics, as a VMCluster of its operator',
  layer: 'infrastructure',
  needs: ['operator-victoriametrics'],
  defaults: { namespace: 'victoriametrics', timeout_s: 300, required: false },
  settings,
  keepsData: true,
  objects,
  ready,
  stored,
}
