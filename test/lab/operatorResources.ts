/** A resource of each kind that a stand-in makes something of, small. */

const claim = (size: string) => ({
  storageClassName: 'fast',
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: size } },
})
const inDefault = (name: string) => ({ name, namespace: 'default' })

export const postgresCluster = (name: string, { replicas = 1, size = '1Gi' } = {}) => ({
  apiVersion: 'postgres-operator.crunchydata.com/v1beta1',
  kind: 'PostgresCluster',
  metadata: inDefault(name),
  spec: {
    postgresVersion: 17,
    users: [{ name: 'shop', databases: ['shop'] }],
    instances: [{ replicas, dataVolumeClaimSpec: claim(size) }],
  },
})

export const vmCluster = (name: string, replicaCount = 1) => ({
  apiVersion: 'operator.victoriametrics.com/v1beta1',
  kind: 'VMCluster',
  metadata: inDefault(name),
  spec: {
    retentionPeriod: '14d',
    vmstorage: { replicaCount, storage: { volumeClaimTemplate: { spec: claim('1Gi') } } },
    vmselect: { replicaCount },
    vminsert: { replicaCount },
  },
})

export const vmSingle = (name: string) => ({
  apiVersion: 'operator.victoriametrics.com/v1beta1',
  kind: 'VMSingle',
  metadata: inDefault(name),
  spec: { retentionPeriod: '1d', storage: claim('1Gi') },
})

export const openSearchCluster = (name: string, replicas = 2) => ({
  apiVersion: 'opensearch.opster.io/v1',
  kind: 'OpenSearchCluster',
  metadata: inDefault(name),
  spec: {
    general: { serviceName: name, version: '2.19.1' },
    nodePools: [
      {
        component: 'nodes',
        replicas,
        diskSize: '1Gi',
        roles: ['cluster_manager', 'data'],
        persistence: { pvc: { storageClass: 'fast', accessModes: ['ReadWriteOnce'] } },
      },
    ],
  },
})

export const grafana = (name: string) => ({
  apiVersion: 'grafana.integreatly.org/v1beta1',
  kind: 'Grafana',
  metadata: inDefault(name),
  spec: { config: { security: { admin_user: 'root' } } },
})
