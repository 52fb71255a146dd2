import type { ChartComponent } from '../../contract.ts'
import { chart, values } from './chart.ts'
import { marks } from './detect.ts'

export const operatorOpensearch: ChartComponent = {
  kind: 'chart',
  name: 'operator-opensearch',
  title: 'The operator for OpenSearch',
  layer: 'operator',
  needs: [],
  defaults: { namespace: 'opensearch-operator', timeout_s: 300, required: false, min_version: '2.6.0' },
  settings: {},
  chart,
  values,
  marks,
}
