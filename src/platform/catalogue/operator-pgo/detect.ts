import { environmentScope } from '../../components/scope.ts'
import type { Marks } from '../../contract.ts'

export const marks: Marks = {
  definitions: ['postgresclusters.postgres-operator.crunchydata.com'],
  labels: { 'app.kubernetes.io/name': 'pgo' },
  names: ['pgo'],
  image: 'postgres-operator',
  scope: environmentScope('PGO_TARGET_NAMESPACE', 'PGO_TARGET_NAMESPACES'),
}
