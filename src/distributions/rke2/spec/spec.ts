import { z } from 'zod'
import { httpUrl, maxNodes, nodeFields, specFields } from '../../../domain/cluster.ts'
import { filePath } from '../../../domain/names.ts'
import { flag } from '../../../domain/values/forms.ts'
import { machinesShape, nodeMachineShape } from '../../../machines/clusterMachines.ts'
import { platformSpec } from '../../../platform/spec.ts'
import { clusterVars, nodeVars, secretFiles } from './config.ts'
import { hostSettings } from './hostSettings.ts'
import { manifests, nodeFiles, ownFiles } from './ownFiles.ts'
import { registries } from './registries.ts'
import { rke2Version } from './version.ts'
import { interfaceName, vip } from './vip.ts'

const { hostname, internal_ip, external_ip, use_external_ip, role, ssh } = nodeFields

export const rke2Node = z.strictObject({
  hostname,
  internal_ip,
  external_ip,
  use_external_ip,
  role,
  node_vars: nodeVars.optional(),
  files: nodeFiles.optional(),
  vip_interface: interfaceName.optional().describe('Interface of this server that gets the virtual IP'),
  machine: nodeMachineShape
    .optional()
    .describe('The node is on a machine that Slipway makes; what this one has other than spec.machines'),
  ssh,
})

/** `spec` of a cluster file of RKE2. */
export const rke2Spec = z.strictObject({
  distribution: z.literal('rke2'),
  version: rke2Version.describe('Version of RKE2, written like v1.34.1+rke2r1'),
  artifact_url: httpUrl('Remove USER:PASSWORD@; use a mirror that asks for no login, or artifact_path.')
    .optional()
    .describe('Release URL or mirror; default is the public release URL'),
  artifact_path: filePath
    .optional()
    .describe('Folder with the release files on the machine that runs Slipway (air gap); relative to the cluster file'),
  api_endpoint: specFields.api_endpoint,
  vip: vip.optional().describe('A virtual IP that Slipway puts on the servers, as api_endpoint; see vip.md'),
  token_file: filePath
    .optional()
    .describe('File with the server token; generated when absent. Stored sealed; it cannot be changed later'),
  secret_files: secretFiles
    .optional()
    .describe('Keys of config.yaml whose value is secret, as KEY: FILE; stored sealed, written on the servers only'),
  machines: machinesShape
    .optional()
    .describe('Settings of the machines that Slipway makes for nodes without internal_ip; see machines.md'),
  ssh: specFields.ssh,
  cluster_vars: clusterVars.optional().describe('Keys of RKE2’s config.yaml, for all nodes'),
  registries: registries.optional().describe('RKE2’s registries.yaml: mirrors and logins of image registries'),
  manifests: manifests
    .optional()
    .describe('Files or folders with objects that RKE2 applies (server/manifests), relative to the cluster file'),
  files: ownFiles.optional().describe('Files of your own that RKE2 reads on the machines; see own-files.md'),
  host_settings: hostSettings
    .optional()
    .describe(
      'Services that stand in RKE2’s way and that Slipway sets right where a machine has them; see host-settings.md',
    ),
  tools: flag
    .optional()
    .describe('kubectl, crictl and their completion in root’s shell; default false. See host-settings.md'),
  platform: platformSpec.optional().describe('What runs on the cluster; see platform.md'),
  proxy: specFields.proxy,
  preflight: specFields.preflight,
  ready_timeout_s: specFields.ready_timeout_s,
  nodes: z.array(rke2Node).min(1).max(maxNodes).describe('The machines'),
})

export type Rke2Node = z.infer<typeof rke2Node>
export type Rke2Spec = z.infer<typeof rke2Spec>
