import { argumentScope } from '../../components/scope.ts'
import type { Marks } from '../../contract.ts'

/** Collections of charts for monitoring bring it under names of their own. */
export const marks: Marks = {
  definitions: [],
  labels: { 'app.kubernetes.io/name': 'kube-state-metrics' },
  names: ['kube-state-metrics'],
  image: 'kube-state-metrics',
  scope: argumentScope('--namespaces'),
}
