import { type LooseObject, looseResource, partOf } from '../../../kubernetes/looseObject.ts'
import type { ObjectsComponent, Stored } from '../../contract.ts'
import type { settings } from './schema.ts'

/** The version that every PGO serves from 5 on. */
export const postgresClusters = looseResource({
  group: 'postgres-operator.crunchydata.com',
  version: 'v1beta1',
  plural: 'postgresclusters',
  kind: 'PostgresCluster',
  namespaced: true,
})

/** Name of the set of all instances. */
export const instances = 'instance'
/** Who makes databases and extensions. */
const administrator = 'postgres'

/** Name of the Secret in which PGO keeps the login of a user. Pure. */
export const loginSecretName = (cluster: string, user: string): string => `${cluster}-pguser-${user}`

/** All users that PGO is to make: those that are set, and the administrator. Pure. */
export const withAdministrator = (
  users: readonly { readonly name: string; readonly databases?: readonly string[] | undefined }[],
) => (users.some(({ name }) => name === administrator) ? users : [{ name: administrator }, ...users])

export const objects: ObjectsComponent<typeof settings>['objects'] = (
  { name, postgres_version, replicas, size, backup_size, users },
  { namespace, storageClass, logins },
) => {
  const volume = (storage: string) => ({
    storageClassName: storageClass,
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage } },
  })
  const spec = {
    postgresVersion: postgres_version,
    ...logins,
    instances: [{ name: instances, replicas, dataVolumeClaimSpec: volume(size) }],
    users: withAdministrator(users).map(user => ({
      name: user.name,
      ...(user.databases && user.databases.length > 0 && { databases: user.databases }),
    })),
    backups: { pgbackrest: { repos: [{ name: 'repo1', volume: { volumeClaimSpec: volume(backup_size) } }] } },
  }
  return [{ resource: postgresClusters, object: { metadata: { name, namespace }, spec } }]
}

/** Of the instances. */
export function stored(object: LooseObject): Stored | null {
  const claim = partOf(object, 'spec', 'instances', 0, 'dataVolumeClaimSpec')
  const [storageClass, size] = [partOf(claim, 'storageClassName'), partOf(claim, 'resources', 'requests', 'storage')]
  return {
    storageClass: typeof storageClass === 'string' ? storageClass : null,
    size: typeof size === 'string' ? size : null,
  }
}
