import type { ChartComponent } from '../../contract.ts'
import { chart, values } from './chart.ts'
import { marks } from './detect.ts'

export const operatorVictoriametrics: ChartComponent = {
  kind: 'chart',
  name: 'operator-victoriametrics',
  title: 'The operator for VictoriaMetrics',
  layer: 'operator',
  needs: [],
  // Earlier ones do not say which generation of an object their status is about.
  defaults: { namespace: 'victoriametrics-operator', timeout_s: 300, required: false, min_version: '0.50.0' },
  settings: {},
  chart,
  values,
  marks,
}
