import { claim, conditions, count, define, fields, flag, generation, listOf, mapOf, resources, text } from './schema.ts'

const group = 'operator.victoriametrics.com'
const versions = ['v1beta1']
const columns = { Status: '.status.updateStatus' }
const retentionPeriod = { type: 'string', pattern: '^[0-9]+(h|d|w|y)?$' }
const image = fields({ repository: text, tag: text, pullPolicy: text })
const storage = fields({ emptyDir: fields(), volumeClaimTemplate: fields({ spec: claim }) })
const component = { replicaCount: count(), image, resources, podMetadata: fields({ labels: mapOf(text) }) }

const status = fields({
  updateStatus: text,
  // Those of operators before 0.66.
  clusterStatus: text,
  singleStatus: text,
  reason: text,
  observedGeneration: generation,
  conditions,
})

export const victoriaMetricsDefinitions = [
  define({
    group,
    versions,
    columns,
    kind: 'VMCluster',
    spec: fields({
      retentionPeriod,
      replicationFactor: count(),
      clusterVersion: text,
      imagePullSecrets: listOf(fields({ name: text })),
      paused: flag,
      vmstorage: fields({ ...component, storageDataPath: text, storage }),
      vmselect: fields({ ...component, cacheMountPath: text, storage }),
      vminsert: fields(component),
    }),
    status,
  }),
  define({
    group,
    versions,
    columns,
    kind: 'VMSingle',
    spec: fields({ ...component, retentionPeriod, paused: flag, storage: claim }),
    status,
  }),
  ...['VMAgent', 'VMAlert', 'VMAuth', 'VMRule', 'VMUser', 'VMServiceScrape', 'VMPodScrape'].map(kind =>
    define({ group, versions, columns, kind, spec: fields(), status }),
  ),
]
