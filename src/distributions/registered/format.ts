import { z } from 'zod'
import { maxNodes, nodeFields, specFields } from '../../domain/cluster.ts'
import type { ClusterFormat } from '../../domain/clusterFile/format.ts'
import { platformFiles } from '../../platform/chartFiles.ts'
import { checkPlatform } from '../../platform/rules.ts'
import { platformSpec } from '../../platform/spec.ts'
import { type ClusterKind, clusterKinds } from '../discovery/kind.ts'

export type RegisteredKind = Exclude<ClusterKind, 'rke2' | 'kubespray'>
export const registeredKinds = clusterKinds.filter(kind => kind !== 'rke2' && kind !== 'kubespray')

const { hostname, internal_ip, external_ip, use_external_ip, role } = nodeFields
const registeredNode = z.strictObject({
  hostname,
  internal_ip,
  external_ip,
  use_external_ip,
  role,
  node_vars: z.strictObject({}).optional(),
})

/** What is on record of a cluster that others make and keep; of a file of it the platform is applied. */
export const registeredSpec = z.strictObject({
  distribution: z.enum(registeredKinds),
  version: z.string().min(1).max(100),
  api_endpoint: specFields.api_endpoint,
  platform: platformSpec.optional().describe('What runs on the cluster; see platform.md'),
  nodes: z.array(registeredNode).min(1).max(maxNodes),
})
export type RegisteredSpec = z.infer<typeof registeredSpec>

/** The part of a wrong `spec` that has rules over the whole of it. */
const platformOf = z.object({ platform: registeredSpec.shape.platform })

export const registeredFormat = (distribution: RegisteredKind): ClusterFormat<RegisteredSpec> => ({
  distribution,
  spec: registeredSpec,
  node: registeredNode,
  checkSpec: ({ platform }) => checkPlatform(platform),
  checkParts: spec => checkPlatform(platformOf.safeParse(spec).data?.platform),
  keyFiles: ({ platform }) => platformFiles(platform),
  localFolders: [],
  findings: {},
  forms: {},
  unknownKey: () => null,
  template: {
    defaults: { name: 'demo', version: 'v1.34.1', user: 'root', key_file: null, servers: [], workers: [] },
    version: registeredSpec.shape.version,
    text: ({ name }) => `# ${name} is a cluster of ${distribution}: \`slipway discover\` puts it on record.\n`,
  },
  ownConfiguration: () => null,
})
