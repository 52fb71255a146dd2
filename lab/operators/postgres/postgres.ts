import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type CustomKind, Refused, type Work } from '../kind.ts'
import type { LabObject } from '../objects.ts'
import { conditionOf, isPodReady, withLabels } from '../workload.ts'
import { clusterShape, group, instancesOf, label, setsOf, usersOf } from './cluster.ts'
import { createInstance, removeOthers } from './instances.ts'
import { assignRoles, createServices } from './services.ts'
import { createUser } from './user.ts'
import { createVolume } from './volume.ts'

/** PostgresClusters, as PGO makes them. */
export const postgresClusters: CustomKind = {
  kind: 'PostgresCluster',
  plural: 'postgresclusters',
  group,
  version: 'v1beta1',
  finalizer: label('finalizer'),
  // It counts what there is before it does anything, and calls that the status of the new generation.
  begun: (resource, work) => statusOf(resource, work),
  observed: (resource, work) => statusOf(resource, work),
  failed: () => undefined,
  ready(resource) {
    const instances = setsOf(clusterShape.parse(resource).spec).map(({ name, replicas }) => ({
      name,
      replicas,
      readyReplicas: replicas,
      updatedReplicas: replicas,
    }))
    return { instances, observedGeneration: resource.metadata.generation }
  },
  stale: (status, generation) => ({ ...status, observedGeneration: generation - 1 }),
  isReady(resource) {
    const { spec } = clusterShape.parse(resource)
    const { instances, observedGeneration } = statusShape.parse(resource.status ?? {})
    return (
      observedGeneration === resource.metadata.generation &&
      setsOf(spec).every(({ name, replicas }) =>
        instances.some(
          ({ readyReplicas, ...found }) =>
            found.name === name && found.replicas === replicas && readyReplicas === replicas,
        ),
      )
    )
  },
  async create(resource, work) {
    const cluster = clusterShape.parse(resource)
    const { metadata, spec } = cluster
    if (spec.paused) return
    const image = spec.image ?? work.operator.environment[`RELATED_IMAGE_POSTGRES_${spec.postgresVersion}`]
    if (!image) throw new Refused(`the image of PostgreSQL ${spec.postgresVersion} is given nowhere`)
    await createServices(resource, cluster, work)
    const instances = instancesOf(cluster)
    for (const instance of instances) await createInstance(resource, cluster, instance, image, work)
    await removeOthers(resource, instances, work)
    for (const { name, volume } of spec.backups.pgbackrest.repos) {
      const labels = { [label('cluster')]: metadata.name, [label('pgbackrest-volume')]: '', [label('name')]: name }
      if (volume) await createVolume(resource, `${metadata.name}-${name}`, labels, volume.volumeClaimSpec, work)
    }
    await assignRoles(resource, cluster, instances, work)
    for (const user of usersOf(cluster)) await createUser(resource, cluster, user, work)
  },
}

/** Counts are left out where they are 0, as Go does. */
const count = z.int().default(0)
const statusShape = z.object({
  instances: z.array(z.object({ name: z.string(), replicas: count, readyReplicas: count })).default([]),
  observedGeneration: z.int().default(0),
})

function statusOf(resource: LabObject, work: Work): object {
  const { spec } = clusterShape.parse(resource)
  if (spec.paused) {
    const paused = { type: 'Progressing', status: 'False', reason: 'Paused', message: 'nothing is applied' } as const
    return { ...resource.status, conditions: [conditionOf(resource, paused)] }
  }
  const pods = withLabels(work.list('Pod'), { [label('cluster')]: resource.metadata.name })
  const revisions = new Set(work.list('StatefulSet').map(set => set.status?.['updateRevision']))
  const instances = setsOf(spec).map(({ name }) => {
    const own = withLabels(pods, { [label('instance-set')]: name })
    const counts = {
      replicas: own.length,
      readyReplicas: own.filter(isPodReady).length,
      updatedReplicas: own.filter(pod => revisions.has(pod.metadata.labels?.['controller-revision-hash'])).length,
    }
    return { name, ...Object.fromEntries(Object.entries(counts).filter(([, number]) => number > 0)) }
  })
  // Where one can be written to, the users and databases are in it as well.
  const isWritable = withLabels(pods, { [label('role')]: 'master' }).some(isPodReady)
  const revision = createHash('sha256')
    .update(JSON.stringify(spec.users ?? []))
    .digest('hex')
    .slice(0, 10)
  return {
    instances,
    observedGeneration: resource.metadata.generation,
    ...(isWritable && { databaseRevision: revision, usersRevision: revision }),
  }
}
