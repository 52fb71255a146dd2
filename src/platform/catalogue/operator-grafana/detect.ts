import { environmentScope } from '../../components/scope.ts'
import type { Marks } from '../../contract.ts'

export const marks: Marks = {
  definitions: ['grafanas.grafana.integreatly.org'],
  labels: { 'app.kubernetes.io/name': 'grafana-operator' },
  names: ['grafana-operator', 'grafana-operator-controller-manager'],
  image: 'grafana-operator',
  scope: environmentScope('WATCH_NAMESPACE'),
}
