import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { labChart } from '../../lab/operators/charts.ts'
import { packFolder } from '../../src/domain/clusterFile/folderArchive.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import type { ControlPlane } from '../kubernetes/controlPlane.ts'
import { until } from '../until.ts'
import { deployment, packedChart, values } from './packedChart.ts'

/** All that there is of the platform: six operators, what three of them run, and two charts of the user's. */

const operators = {
  'operator-pgo': 'pgo',
  'operator-victoriametrics': 'victoria-metrics-operator',
  'operator-opensearch': 'opensearch-operator',
  'operator-grafana': 'grafana-operator',
  'operator-fluent': 'fluent-operator',
  'operator-kube-state-metrics': 'kube-state-metrics',
} as const

export const operatorCharts = Object.values(operators)

/** All required: a run that completes without some would not be gone on with. */
export const operatorComponents: NonNullable<PlatformSpec['components']> = Object.fromEntries(
  Object.entries(operators).map(([component, chart]) => [component, { chart: `${chart}.tgz`, required: true }]),
)

export const fullPlatform: PlatformSpec = {
  components: {
    ...operatorComponents,
    'infra-postgres': { replicas: 1, size: '1Gi', backup_size: '1Gi' },
    'infra-victoriametrics': { replicas: 1, size: '1Gi', required: true },
    'infra-opensearch': { replicas: 1, size: '1Gi', required: true },
  },
  charts: [
    { name: 'shop', chart: 'web.tgz', values: { replicas: 2 } },
    { name: 'back', namespace: 'shop', chart: 'web.tgz', after: ['shop'] },
  ],
}

/** The same with work in its database, for which `writeCharts` writes a folder of migrations as well. */
export const platformWithData: PlatformSpec = {
  ...fullPlatform,
  components: {
    ...fullPlatform.components,
    'database-init': {
      roles: [{ name: 'shop_owner' }, { name: 'readers', login: false }],
      databases: [{ name: 'shop', owner: 'shop_owner', extensions: ['pgcrypto'] }],
    },
    'database-migration': { folders: [{ database: 'shop', path: 'sql' }] },
    'storage-secret': {
      secrets: [{ name: 'shop-database', namespaces: ['shop', 'jobs'], user: 'shop_owner', database: 'shop' }],
    },
  },
}

/** Names of all its stages, as messages have them. */
export const fullStages = [
  'platform/prerequisites',
  ...Object.keys(fullPlatform.components ?? {}),
  ...(fullPlatform.charts ?? []).map(({ name }) => name),
]

/** Releases of Helm in it, by namespace and name. */
export const fullReleases = [...Object.keys(operators), 'shop', 'back']

/** Writes its charts and migrations into a folder. */
export function writeCharts(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const chart of operatorCharts) writeFileSync(join(folder, `${chart}.tgz`), labChart(chart))
  const web = packedChart({ 'templates/web.yaml': deployment, 'values.yaml': values })
  writeFileSync(join(folder, 'web.tgz'), web)
  const migrations = {
    '1_orders.sql': 'CREATE TABLE orders (id int PRIMARY KEY)',
    '2_rows.sql': 'INSERT INTO orders VALUES (1); INSERT INTO orders VALUES (2)',
  }
  const files = Object.entries(migrations).map(([path, text]) => ({ path, contents: Buffer.from(text) }))
  writeFileSync(join(folder, 'sql'), packFolder(files))
}

/** A Node with room for all of it, and a default class of volumes, for which the lab's operators provide. */
export function makeRoom(plane: ControlPlane): void {
  const items = [
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'w1' },
      status: {
        allocatable: { pods: '500', cpu: '32', memory: '64Gi' },
        // Where ports of its pods are forwarded.
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port: plane.kubeletPort } },
      },
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'lab.slipway/volumes',
      allowVolumeExpansion: true,
    },
  ]
  plane.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

/** Versions of all that the platform consists of: the same twice when nothing has changed in between. */
export function versionsIn(plane: ControlPlane): string {
  const kinds = [
    'namespaces',
    'customresourcedefinitions',
    'clusterroles,clusterrolebindings',
    'deployments,statefulsets,replicasets,pods,services,serviceaccounts,configmaps,secrets,persistentvolumeclaims,roles,rolebindings',
    'postgresclusters,vmclusters,opensearchclusters',
  ].join()
  const row =
    '{range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.uid} {.metadata.resourceVersion}{"\\n"}{end}'
  return plane.kubectl(['get', kinds, '-A', `--output=jsonpath=${row}`])
}

/** The same once nobody changes anything any more: operators write what they see a moment after it is so. */
export async function versionsAtRest(plane: ControlPlane): Promise<string> {
  const seen = { versions: '', since: 0 }
  await until('nothing changes any more', () => {
    const versions = versionsIn(plane)
    if (versions !== seen.versions) Object.assign(seen, { versions, since: performance.now() })
    return performance.now() - seen.since > 1000
  })
  return seen.versions
}
