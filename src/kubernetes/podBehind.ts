import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import type { Call } from './caller.ts'
import type { ClusterClient } from './client.ts'
import type { PodPort } from './portForward.ts'
import { metadataShape, type Resource } from './resource.ts'
import { type Pod, pods } from './resources.ts'

const sliceShape = z
  .object({
    metadata: metadataShape,
    endpoints: z
      .array(
        z.object({
          conditions: z.object({ ready: z.boolean().nullish() }).nullish(),
          targetRef: z.object({ kind: z.string().optional(), name: z.string().optional() }).nullish(),
        }),
      )
      .readonly()
      .nullish(),
    ports: z
      .array(z.object({ name: z.string().nullish(), port: z.int().nullish() }))
      .readonly()
      .nullish(),
  })
  .readonly()
type Slice = z.infer<typeof sliceShape>
const endpointSlices: Resource<Slice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
  shape: sliceShape,
}

const serviceShape = z
  .object({
    metadata: metadataShape,
    spec: z.object({
      ports: z
        .array(z.object({ name: z.string().optional(), port: z.int() }))
        .readonly()
        .nullish(),
    }),
  })
  .readonly()
const services: Resource<z.infer<typeof serviceShape>> = {
  group: '',
  version: 'v1',
  plural: 'services',
  kind: 'Service',
  namespaced: true,
  shape: serviceShape,
}

/**
 * A pod that a Service leads to now, and its port: what `openPortForward` takes. A Service that leads to something else
 * than pods (another Service, an address) has none.
 * @param port of the Service. @throws SlipwayError `port-forward-failed` (fact `passing`); as the client does.
 */
export async function podBehindService(
  client: ClusterClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  port: number,
  call: Call,
): Promise<PodPort> {
  const about = `Service ${namespace}/${name}`
  const service = await client.get(services, { namespace, name }, call)
  if (service === null) throw failed(`${about}: there is no such Service`)
  const named = service.spec.ports?.find(each => each.port === port)
  if (!named) throw failed(`${about}: it has no port ${port}`)
  const labelSelector = `kubernetes.io/service-name=${name}`
  const { items } = await client.snapshot(endpointSlices, { namespace, labelSelector }, call)
  const found = items.flatMap(({ endpoints, ports }) => {
    const own = ports?.find(each => (each.name ?? '') === (named.name ?? ''))?.port
    // Nobody knows better: it counts as ready.
    const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false)
    return ready.flatMap(({ targetRef }) =>
      own && targetRef?.kind === 'Pod' && targetRef.name ? [{ namespace, pod: targetRef.name, port: own }] : [],
    )
  })
  return first(found, ({ pod }) => pod) ?? refuse(`${about}: it leads to no pod that is ready`)
}

/**
 * A pod with these labels that is ready: the primary of a database, where its labels say who that is.
 * @param labelSelector `app=db,role=primary`. @throws SlipwayError as `podBehindService` does.
 */
export async function readyPod(
  client: ClusterClient,
  namespace: string,
  labelSelector: string,
  call: Call,
): Promise<Pod> {
  const { items } = await client.snapshot(pods, { namespace, labelSelector }, call)
  const ready = items.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  )
  return first(ready, ({ metadata }) => metadata.name) ?? refuse(`no pod ${labelSelector} in ${namespace} is ready`)
}

/** The same one for whoever asks again. */
const first = <T>(all: readonly T[], nameOf: (each: T) => string): T | undefined =>
  all.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))[0]

const failed = (message: string) => new SlipwayError('port-forward-failed', message, { facts: { passing: true } })
function refuse(message: string): never {
  throw failed(message)
}
