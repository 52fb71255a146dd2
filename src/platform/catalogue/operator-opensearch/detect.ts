import { argumentScope } from '../../components/scope.ts'
import type { Marks } from '../../contract.ts'

export const marks: Marks = {
  definitions: ['opensearchclusters.opensearch.opster.io'],
  labels: { 'app.kubernetes.io/name': 'opensearch-operator' },
  // All that its version 2 has.
  weakLabels: { 'control-plane': 'controller-manager' },
  names: ['opensearch-operator', 'opensearch-operator-controller-manager'],
  image: 'opensearch-operator',
  scope: argumentScope('--watch-namespace'),
}
