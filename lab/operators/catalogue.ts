import type { OperatorMarks } from './installed.ts'
import type { CustomKind } from './kind.ts'
import { postgresClusters } from './postgres/postgres.ts'

export interface LabOperator {
  readonly marks: OperatorMarks
  readonly kinds: readonly CustomKind[]
}

const name = 'app.kubernetes.io/name'

/** The operators that there are stand-ins for. */
export const catalogue: readonly LabOperator[] = [
  {
    marks: { labels: { [name]: 'pgo' }, container: 'operator', watch: { variable: 'PGO_TARGET_NAMESPACE' } },
    kinds: [postgresClusters],
  },
]
