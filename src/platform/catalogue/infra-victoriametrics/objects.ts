import { type LooseObject, looseResource, partOf } from '../../../kubernetes/looseObject.ts'
import type { ObjectsComponent, Stored } from '../../contract.ts'
import type { settings } from './schema.ts'

export const vmClusters = looseResource({
  group: 'operator.victoriametrics.com',
  version: 'v1beta1',
  plural: 'vmclusters',
  kind: 'VMCluster',
  namespaced: true,
})

export const objects: ObjectsComponent<typeof settings>['objects'] = (
  { name, replicas, replication, retention, size },
  { namespace, storageClass, logins },
) => {
  const claim = {
    storageClassName: storageClass,
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: size } },
  }
  const spec = {
    retentionPeriod: retention,
    ...logins,
    replicationFactor: replication ?? Math.min(2, replicas),
    vmstorage: { replicaCount: replicas, storage: { volumeClaimTemplate: { spec: claim } } },
    vmselect: { replicaCount: replicas },
    vminsert: { replicaCount: replicas },
  }
  return [{ resource: vmClusters, object: { metadata: { name, namespace }, spec } }]
}

/** Of vmstorage. */
export function stored(object: LooseObject): Stored | null {
  const claim = partOf(object, 'spec', 'vmstorage', 'storage', 'volumeClaimTemplate', 'spec')
  const [storageClass, size] = [partOf(claim, 'storageClassName'), partOf(claim, 'resources', 'requests', 'storage')]
  return {
    storageClass: typeof storageClass === 'string' ? storageClass : null,
    size: typeof size === 'string' ? size : null,
  }
}
