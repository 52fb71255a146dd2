import { type LooseObject, looseResource, partOf } from '../../../kubernetes/looseObject.ts'
import type { ObjectsComponent, Stored } from '../../contract.ts'
import type { settings } from './schema.ts'

/** The group that its operator serves from 2 on, 3 included. */
export const openSearchClusters = looseResource({
  group: 'opensearch.opster.io',
  version: 'v1',
  plural: 'opensearchclusters',
  kind: 'OpenSearchCluster',
  namespaced: true,
})

/** Name of the pool of all nodes. */
export const pool = 'nodes'

export const objects: ObjectsComponent<typeof settings>['objects'] = (
  { name, opensearch_version, replicas, size },
  { namespace, storageClass, logins },
) => {
  const spec = {
    general: {
      serviceName: name,
      version: opensearch_version,
      httpPort: 9200,
      vendor: 'opensearch',
      setVMMaxMapCount: true,
      ...logins,
    },
    // The helper has an image of its own.
    ...(logins && { initHelper: logins }),
    security: { tls: { transport: { generate: true }, http: { generate: true } } },
    nodePools: [
      {
        component: pool,
        replicas,
        roles: ['cluster_manager', 'data'],
        diskSize: size,
        persistence: { pvc: { storageClass, accessModes: ['ReadWriteOnce'] } },
      },
    ],
  }
  return [{ resource: openSearchClusters, object: { metadata: { name, namespace }, spec } }]
}

export function stored(object: LooseObject): Stored | null {
  const [storageClass, size] = [
    partOf(object, 'spec', 'nodePools', 0, 'persistence', 'pvc', 'storageClass'),
    partOf(object, 'spec', 'nodePools', 0, 'diskSize'),
  ]
  return {
    storageClass: typeof storageClass === 'string' ? storageClass : null,
    size: typeof size === 'string' ? size : null,
  }
}
