import type { ChartComponent } from '../../contract.ts'
import { chart, values } from './chart.ts'
import { marks } from './detect.ts'

export const operatorGrafana: ChartComponent = {
  kind: 'chart',
  name: 'operator-grafana',
  title: 'The operator for Grafana',
  layer: 'operator',
  needs: [],
  defaults: { namespace: 'grafana-operator', timeout_s: 300, required: false, min_version: '5.6.0' },
  settings: {},
  chart,
  values,
  marks,
}
