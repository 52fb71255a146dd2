import { fluentBits } from './fluent/fluent.ts'
import { grafanas } from './grafana/grafana.ts'
import type { OperatorMarks } from './installed.ts'
import type { CustomKind } from './kind.ts'
import { openSearchClusters } from './opensearch/opensearch.ts'
import { postgresClusters } from './postgres/postgres.ts'
import { vmClusters } from './victoriametrics/cluster.ts'
import { vmSingles } from './victoriametrics/single.ts'

export interface LabOperator {
  readonly marks: OperatorMarks
  readonly kinds: readonly CustomKind[]
}

const name = 'app.kubernetes.io/name'

/** The operators that there are stand-ins for; kube-state-metrics has nothing to do. */
export const catalogue: readonly LabOperator[] = [
  {
    marks: { labels: { [name]: 'pgo' }, container: 'operator', watch: { variable: 'PGO_TARGET_NAMESPACE' } },
    kinds: [postgresClusters],
  },
  {
    marks: {
      labels: { [name]: 'victoria-metrics-operator' },
      container: 'operator',
      watch: { variable: 'WATCH_NAMESPACE' },
    },
    kinds: [vmClusters, vmSingles],
  },
  {
    // Half of all operators have this label, none of them this container.
    marks: {
      labels: { 'control-plane': 'controller-manager' },
      container: 'operator-controller-manager',
      watch: { argument: '--watch-namespace' },
    },
    kinds: [openSearchClusters],
  },
  {
    marks: {
      labels: { [name]: 'grafana-operator' },
      container: 'grafana-operator',
      watch: { variable: 'WATCH_NAMESPACE' },
    },
    kinds: [grafanas],
  },
  {
    marks: {
      labels: { [name]: 'fluent-operator' },
      container: 'fluent-operator',
      watch: { argument: '--watch-namespaces' },
    },
    kinds: [fluentBits],
  },
]
