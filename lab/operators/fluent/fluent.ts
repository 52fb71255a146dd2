import { z } from 'zod'
import { type CustomKind, metaOf, Missing, Refused } from '../kind.ts'
import { applyNamed, applyService } from '../pods.ts'
import { secretData } from '../secret.ts'

const fluentBitShape = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
  spec: z.object({
    image: z.string().default('ghcr.io/fluent/fluent-operator/fluent-bit:5.1.1'),
    fluentBitConfigName: z.string().default(''),
    disableService: z.boolean().default(false),
    labels: z.record(z.string(), z.string()).optional(),
    resources: z.unknown().optional(),
  }),
})

/** FluentBits, as their operator makes them: a DaemonSet each. It says nothing of them. */
export const fluentBits: CustomKind = {
  kind: 'FluentBit',
  plural: 'fluentbits',
  group: 'fluentbit.fluent.io',
  version: 'v1alpha2',
  finalizer: 'fluentbit.fluent.io',
  begun: () => undefined,
  observed: () => undefined,
  ready: () => undefined,
  failed: () => undefined,
  isReady: () => false,
  async create(resource, work) {
    const { metadata, spec } = fluentBitShape.parse(resource)
    const { fluentBitConfigName: config } = spec
    const labels = spec.labels ?? metadata.labels
    if (!labels) throw new Refused(`${metadata.name} has no labels to select its pods by`)
    if (config === '' || !(await work.exists('ClusterFluentBitConfig', config)))
      throw new Missing(`there is no ClusterFluentBitConfig ${config}`)
    await work.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metaOf(resource, config, {}),
      data: secretData({ 'fluent-bit.conf': '[Service]\n' }),
    })
    await applyNamed(resource, 'ServiceAccount', metadata.name, labels, work)
    await work.apply({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: metaOf(resource, metadata.name, labels),
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: metadata.name,
            containers: [
              {
                name: 'fluent-bit',
                image: spec.image,
                ports: [{ name: 'metrics', containerPort: 2020 }],
                ...(spec.resources !== undefined && { resources: spec.resources }),
              },
            ],
            volumes: [{ name: 'config', secret: { secretName: config } }],
          },
        },
      },
    })
    const service = { name: metadata.name, labels, selector: labels, ports: { metrics: 2020 } }
    if (!spec.disableService) await applyService(resource, service, work)
  },
}
