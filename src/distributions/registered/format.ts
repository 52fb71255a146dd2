import { z } from 'zod'
import { maxNodes, nodeFields, specFields } from '../../domain/cluster.ts'
import type { ClusterFormat } from '../../domain/clusterFile/format.ts'
import { type ClusterKind, clusterKinds } from '../discovery/kind.ts'

export type RegisteredKind = Exclude<ClusterKind, 'rke2'>
export const registeredKinds = clusterKinds.filter(kind => kind !== 'rke2')

const { hostname, internal_ip, external_ip, use_external_ip, role } = nodeFields
const registeredNode = z.strictObject({
  hostname,
  internal_ip,
  external_ip,
  use_external_ip,
  role,
  node_vars: z.strictObject({}).optional(),
})

/** What is on record of a cluster that others make and keep; no file of it can be applied. */
const registeredSpec = z.strictObject({
  distribution: z.enum(registeredKinds),
  version: z.string().min(1).max(100),
  api_endpoint: specFields.api_endpoint,
  nodes: z.array(registeredNode).min(1).max(maxNodes),
})
export type RegisteredSpec = z.infer<typeof registeredSpec>

export const registeredFormat = (distribution: RegisteredKind): ClusterFormat<RegisteredSpec> => ({
  distribution,
  spec: registeredSpec,
  node: registeredNode,
  checkSpec: () => [],
  checkParts: () => [],
  keyFiles: () => [],
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
