import { z } from 'zod'
import { maxNodes, nodeFields, specFields } from '../../../domain/cluster.ts'
import { filePath } from '../../../domain/names.ts'
import { flag } from '../../../domain/values/forms.ts'
import { machinesShape, nodeMachineShape } from '../../../machines/clusterMachines.ts'
import { platformSpec } from '../../../platform/spec.ts'
import { nameForm, variableName } from './secretVars.ts'
import { kubespraySource } from './source.ts'
import { kubernetesVersion } from './version.ts'

const { hostname, internal_ip, external_ip, use_external_ip, role, ssh } = nodeFields

const vars = z.record(z.string().regex(variableName, nameForm), z.json())

export const kubesprayNode = z.strictObject({
  hostname,
  internal_ip,
  external_ip,
  use_external_ip,
  role,
  etcd: flag.optional().describe('Whether a member of etcd runs on it; default: on servers, and not on workers'),
  schedulable: flag
    .optional()
    .describe('Of a server: whether pods are put on it as well (kube_node); default: only where there is no worker'),
  node_vars: vars.optional(),
  machine: nodeMachineShape
    .optional()
    .describe('The node is on a machine that Slipway makes; what this one has other than spec.machines'),
  ssh,
})

/** How Secrets are encrypted in etcd. `kms` is known to be refused with its reason (`checkEncryption`). */
const encryptionAlgorithms = ['secretbox', 'aesgcm', 'aescbc', 'kms'] as const

const kubespray = z.strictObject({
  source: kubespraySource.describe(
    'Where its playbooks come from: git and ref, archive and sha256, or folder; see kubespray.md',
  ),
  secrets_encryption: z
    .enum(encryptionAlgorithms)
    .optional()
    .describe('secretbox (default), aesgcm or aescbc; it is set before the first installation'),
  secret_vars: filePath
    .optional()
    .describe(
      'File with more variables, over cluster_vars; relative to the cluster file, stored sealed, shown nowhere',
    ),
})

/** `spec` of a cluster file of Kubespray. */
export const kubespraySpec = z.strictObject({
  distribution: z.literal('kubespray'),
  version: kubernetesVersion.describe('Version of Kubernetes, written like 1.34.1'),
  kubespray: kubespray
    .optional()
    .describe('What the cluster is made with; without it the cluster is one that others make, and that was discovered'),
  api_endpoint: specFields.api_endpoint,
  machines: machinesShape
    .optional()
    .describe('Settings of the machines that Slipway makes for nodes without internal_ip; see machines.md'),
  ssh: specFields.ssh,
  cluster_vars: vars
    .optional()
    .describe('Variables of Kubespray (its group_vars) for all nodes, as data: nothing in them is rendered'),
  platform: platformSpec.optional().describe('What runs on the cluster; see platform.md'),
  proxy: specFields.proxy,
  preflight: specFields.preflight,
  ready_timeout_s: specFields.ready_timeout_s,
  nodes: z.array(kubesprayNode).min(1).max(maxNodes).describe('The machines'),
})

export type KubesprayNode = z.infer<typeof kubesprayNode>
export type KubespraySpec = z.infer<typeof kubespraySpec>
