import { z } from 'zod'
import { metaOf, type Work } from '../kind.ts'
import { hasLabels, type LabObject } from '../objects.ts'
import { isPodReady, serviceSpec } from '../workload.ts'
import { type Cluster, type Instance, label } from './cluster.ts'

export async function createServices(resource: LabObject, { metadata, spec }: Cluster, work: Work): Promise<void> {
  const cluster = { [label('cluster')]: metadata.name }
  const of = (role: string) => ({ ...cluster, [label('role')]: role })
  const port = { postgres: spec.port }
  // Patroni says where the first two lead.
  const services = [
    ['ha', of('master'), serviceSpec(port, null)],
    ['primary', of('primary'), serviceSpec(port, null, true)],
    ['replicas', of('replica'), serviceSpec(port, of('replica'))],
    ['pods', cluster, serviceSpec({}, cluster, true)],
  ] as const
  for (const [suffix, labels, service] of services)
    await work.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metaOf(resource, `${metadata.name}-${suffix}`, labels),
      spec: service,
    })
  await work.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metaOf(resource, `${metadata.name}-instance`, cluster),
  })
}

const podShape = z.object({ status: z.object({ podIP: z.string() }) })

/** As Patroni does, which calls the one that writes `master`, and leads the Services of the primary to it. */
export async function assignRoles(
  resource: LabObject,
  { metadata, spec }: Cluster,
  instances: readonly Instance[],
  work: Work,
): Promise<void> {
  const pods = work.list('Pod')
  const podOf = (instance: Instance | undefined) => pods.find(pod => pod.metadata.name === `${instance?.name}-0`)
  for (const [index, instance] of instances.entries()) {
    const pod = podOf(instance)
    const role = { [label('role')]: index === 0 ? 'master' : 'replica' }
    if (pod && isPodReady(pod) && !hasLabels(pod, role))
      await work.merge('Pod', pod.metadata.name, { metadata: { labels: role } })
  }
  const leader = podShape.safeParse(podOf(instances[0]))
  if (!leader.success) return
  for (const suffix of ['ha', 'primary'])
    await work.apply({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: metaOf(resource, `${metadata.name}-${suffix}`, { [label('cluster')]: metadata.name }),
      subsets: [{ addresses: [{ ip: leader.data.status.podIP }], ports: [{ name: 'postgres', port: spec.port }] }],
    })
}
