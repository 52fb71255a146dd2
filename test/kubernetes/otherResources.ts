import { z } from 'zod'
import { metadataShape, type Resource } from '../../src/kubernetes/resource.ts'

/** Resources that only tests deal with. */

const deploymentShape = z
  .object({
    metadata: metadataShape,
    spec: z.object({ replicas: z.int().optional() }).readonly(),
    status: z.object({ availableReplicas: z.int().optional() }).readonly().optional(),
  })
  .readonly()
type Deployment = z.infer<typeof deploymentShape>
export const deployments: Resource<Deployment> = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
  shape: deploymentShape,
}
