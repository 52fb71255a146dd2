import type { ChartComponent } from '../../contract.ts'
import { chart, values } from './chart.ts'
import { marks } from './detect.ts'

export const operatorKubeStateMetrics: ChartComponent = {
  kind: 'chart',
  name: 'operator-kube-state-metrics',
  title: 'kube-state-metrics: the state of objects as metrics',
  layer: 'operator',
  needs: [],
  defaults: { namespace: 'kube-state-metrics', timeout_s: 300, required: false, min_version: '2.10.0' },
  settings: {},
  chart,
  values,
  marks,
}
