import { argumentScope } from '../../components/scope.ts'
import type { Marks } from '../../contract.ts'

export const marks: Marks = {
  definitions: ['fluentbits.fluentbit.fluent.io'],
  labels: { 'app.kubernetes.io/name': 'fluent-operator', 'app.kubernetes.io/component': 'operator' },
  names: ['fluent-operator'],
  image: 'fluent-operator',
  scope: argumentScope('--watch-namespaces'),
}
