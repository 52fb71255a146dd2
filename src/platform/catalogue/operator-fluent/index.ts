import type { ChartComponent } from '../../contract.ts'
import { chart, values } from './chart.ts'
import { marks } from './detect.ts'

export const operatorFluent: ChartComponent = {
  kind: 'chart',
  name: 'operator-fluent',
  title: 'The operator for Fluent Bit and Fluentd',
  layer: 'operator',
  needs: [],
  defaults: { namespace: 'fluent-operator', timeout_s: 300, required: false, min_version: '2.7.0' },
  settings: {},
  chart,
  values,
  marks,
}
