import type { ChartComponent } from '../../contract.ts'
import { chart, values } from './chart.ts'
import { marks } from './detect.ts'

export const operatorPgo: ChartComponent = {
  kind: 'chart',
  name: 'operator-pgo',
  title: 'PGO, the operator for PostgreSQL by Crunchy Data',
  layer: 'operator',
  needs: [],
  defaults: { namespace: 'postgres-operator', timeout_s: 300, required: true, min_version: '5.3.0' },
  settings: {},
  chart,
  values,
  marks,
}
