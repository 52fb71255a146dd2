import { metaOf, type Work } from '../kind.ts'
import type { LabObject } from '../objects.ts'
import { withLabels } from '../workload.ts'
import { type Cluster, type Instance, label } from './cluster.ts'
import { createVolume } from './volume.ts'

export async function createInstance(
  resource: LabObject,
  { metadata, spec }: Cluster,
  { name, set }: Instance,
  image: string,
  work: Work,
): Promise<void> {
  const selector = { [label('cluster')]: metadata.name, [label('instance-set')]: set.name, [label('instance')]: name }
  const labels = { ...selector, [label('data')]: 'postgres' }
  const claim = `${name}-pgdata`
  await createVolume(resource, claim, { ...labels, [label('role')]: 'pgdata' }, set.dataVolumeClaimSpec, work)
  await work.apply({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metaOf(resource, name, labels),
    spec: {
      replicas: spec.shutdown ? 0 : 1,
      serviceName: `${metadata.name}-pods`,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: `${metadata.name}-instance`,
          containers: [
            {
              name: 'database',
              image,
              ports: [{ name: 'postgres', containerPort: spec.port }],
              ...(set.resources !== undefined && { resources: set.resources }),
              volumeMounts: [{ name: 'postgres-data', mountPath: '/pgdata' }],
            },
          ],
          volumes: [{ name: 'postgres-data', persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  })
}

/** Instances that are wanted no more go with their volumes. */
export async function removeOthers(resource: LabObject, wanted: readonly Instance[], work: Work): Promise<void> {
  const names = new Set(wanted.map(({ name }) => name))
  const own = withLabels(work.list('StatefulSet'), { [label('cluster')]: resource.metadata.name })
  for (const { metadata } of own) {
    if (names.has(metadata.name)) continue
    await work.remove('StatefulSet', metadata.name)
    await work.remove('PersistentVolumeClaim', `${metadata.name}-pgdata`)
  }
}
