import { environmentScope } from '../../components/scope.ts'
import type { Marks } from '../../contract.ts'

export const marks: Marks = {
  definitions: ['vmclusters.operator.victoriametrics.com'],
  labels: { 'app.kubernetes.io/name': 'victoria-metrics-operator' },
  names: ['victoria-metrics-operator', 'vm-operator'],
  image: 'operator',
  scope: environmentScope('WATCH_NAMESPACE'),
}
